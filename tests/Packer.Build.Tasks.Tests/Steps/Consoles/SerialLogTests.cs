using System.IO.Pipelines;
using System.Text;
using Packer.Steps.Consoles;
using Packer.Tests.Imaging;

namespace Packer.Tests.Steps.Consoles;

[TestClass]
public sealed class SerialLogTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [TestMethod]
    public async Task Text_is_found_across_pieces_and_control_sequences_and_all_is_logged()
    {
        using var folder = new TemporaryFolder();
        var pipe = new Pipe();
        var bytes = Encoding.UTF8.GetBytes("boot\r\n\x1B[1;32mlo\x1B[0m\x1B]0;title\x1B\\gin\x1B(B: é€😀 $ ");
        await using (var log = SerialLog.FromStream(pipe.Reader.AsStream(), folder["serial.log"]))
        {
            var found = log.WaitForTextAsync("login: é€😀", Long, CancellationToken.None);
            foreach (var value in bytes) await pipe.Writer.WriteAsync(new[] { value });
            await found;
            await log.WaitForTextAsync("$", Long, CancellationToken.None);
            await pipe.Writer.CompleteAsync();
            await log.Completion;
            Assert.AreEqual("boot\nlogin: é€😀 $ ", log.Tail);
        }
        CollectionAssert.AreEqual(bytes, await File.ReadAllBytesAsync(folder["serial.log"]));
    }

    [TestMethod]
    public async Task Each_wait_goes_on_behind_the_text_that_the_last_one_found()
    {
        using var folder = new TemporaryFolder();
        var pipe = new Pipe();
        await using var log = SerialLog.FromStream(pipe.Reader.AsStream(), folder["serial.log"]);
        await pipe.Writer.WriteAsync("first login: second login: "u8.ToArray());
        await log.WaitForTextAsync("login:", Long, CancellationToken.None);
        await log.WaitForTextAsync("login:", Long, CancellationToken.None);
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(() => log.WaitForTextAsync("login:", Short, CancellationToken.None));
        Assert.AreEqual(DiagnosticCodes.BootWaitTimedOut, failure.Code);
        StringAssert.Contains(failure.Message, "The last it has shown: 'first login: second login:'");
    }

    [TestMethod]
    public async Task Only_the_end_is_kept()
    {
        using var folder = new TemporaryFolder();
        var pipe = new Pipe();
        await using var log = SerialLog.FromStream(pipe.Reader.AsStream(), folder["serial.log"], tailLength: 10);
        for (var index = 0; index < 100; index++) await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes($"line {index}\n"));
        await log.WaitForTextAsync("99\n", Long, CancellationToken.None);
        Assert.AreEqual("8\nline 99\n", log.Tail);
        await pipe.Writer.WriteAsync("0123456789abc"u8.ToArray());
        await log.WaitForTextAsync("9abc", Long, CancellationToken.None);
    }

    [TestMethod]
    public async Task An_end_or_a_cancel_ends_a_wait()
    {
        using var folder = new TemporaryFolder();
        var pipe = new Pipe();
        await using var log = SerialLog.FromStream(pipe.Reader.AsStream(), folder["serial.log"]);
        using var cancel = new CancellationTokenSource(Short);
        await Assert.ThrowsAsync<OperationCanceledException>(() => log.WaitForTextAsync("never", Long, cancel.Token));
        var waiting = log.WaitForTextAsync("never", Long, CancellationToken.None);
        await pipe.Writer.WriteAsync("last words"u8.ToArray());
        await pipe.Writer.CompleteAsync();
        var failure = await Assert.ThrowsExactlyAsync<PackerException>(() => waiting);
        Assert.AreEqual(DiagnosticCodes.MachineConnectionLost, failure.Code);
        StringAssert.Contains(failure.Message, "'last words'");
        await log.WaitForTextAsync("last words", Long, CancellationToken.None);
    }

    [TestMethod]
    public async Task A_file_that_grows_is_followed()
    {
        using var folder = new TemporaryFolder();
        await using var file = new FileStream(folder["serial.txt"], FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        await using var log = SerialLog.FromFile(folder["serial.txt"]);
        foreach (var word in (string[])["one ", "two ", "three "])
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes(word));
            await file.FlushAsync();
            await log.WaitForTextAsync(word, Long, CancellationToken.None);
        }
    }
}
