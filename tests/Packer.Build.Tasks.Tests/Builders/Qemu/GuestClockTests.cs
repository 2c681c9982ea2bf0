using Packer.Builders.Qemu.Checkpoints;
using Packer.Tests.Engine;

namespace Packer.Tests.Builders.Qemu;

[TestClass]
public sealed class GuestClockTests
{
    private static CancellationToken Token => CancellationToken.None;

    [TestMethod]
    public async Task The_clock_of_the_guest_is_set()
    {
        var ui = new TestUi();
        var guest = new Guest(0);
        await GuestClock.SetAsync(guest, DateTimeOffset.UtcNow.AddDays(-3), ui, Token);
        var time = long.Parse(guest.Said.Split('@')[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.IsLessThan(60, Math.Abs((DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(time)).TotalSeconds));
        Assert.IsEmpty(ui.Lines);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public async Task What_is_sent_is_shell()
    {
        var guest = new Guest(0);
        await GuestClock.SetAsync(guest, DateTimeOffset.UtcNow, new TestUi(), Token);
        await Packer.Tests.Imaging.Tool.RunAsync("sh", "-n", "-c", guest.Said);
    }

    [TestMethod]
    public async Task A_clock_that_cannot_be_set_is_told()
    {
        var ui = new TestUi();
        await GuestClock.SetAsync(new Guest(1), DateTimeOffset.UtcNow.AddHours(-2), ui, Token);
        Assert.Contains("2h behind", ui.Lines.Single());
    }

    private sealed class Guest(int status) : ICommunicator
    {
        public string Said { get; private set; } = "";

        public Task<int> RunAsync(RemoteCommand command, CancellationToken token)
        {
            Said = command.Command;
            return Task.FromResult(status);
        }

        public Task UploadAsync(string path, Stream content, UnixFileMode? mode, CancellationToken token) => throw new NotSupportedException();

        public Task UploadDirectoryAsync(string destination, string source, IReadOnlyList<string> excludes, CancellationToken token) => throw new NotSupportedException();

        public Task DownloadAsync(string path, Stream content, CancellationToken token) => throw new NotSupportedException();

        public Task DownloadDirectoryAsync(string source, string destination, IReadOnlyList<string> excludes, CancellationToken token) => throw new NotSupportedException();
    }
}
