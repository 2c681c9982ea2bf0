using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Packer.Tests.Communicators.WinRm;

/// <summary>
/// PowerShell does not run here. This does what the few scripts of the communicator do, told by words in them; so it proves the protocol and this side of it, and of
/// the scripts nothing.
/// </summary>
internal sealed partial class PowerShellStandIn(string script, DateTime bootTime, Stream input, Func<string, string, int, Task<int>> say, CancellationToken token)
{
    private string FilePath => Environment.ExpandEnvironmentVariables(Regex.Replace(PathVariable().Match(script).Groups["path"].Value.Replace("''", "'", StringComparison.Ordinal), @"\$env:(\w+)", "%$1%"));

    /// <summary>The exit code, or null for a script that it does not know.</summary>
    public async Task<int?> RunAsync()
    {
        try
        {
            if (script.Contains("FromBase64String($_)", StringComparison.Ordinal)) return await ReceiveAsync(script.Contains("::ExtractToFile", StringComparison.Ordinal));
            if (script.Contains("::OpenRead($path)", StringComparison.Ordinal)) return await GiveAsync(script.Contains("::CreateFromDirectory", StringComparison.Ordinal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return await say("stderr", exception.Message, 1);
        }
        if (script.Contains("LastBootUpTime", StringComparison.Ordinal)) return await say("stdout", bootTime.Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture), 0);
        if (script.Contains("restarted.", StringComparison.Ordinal)) return await say("stdout", "winrm restarted.", 0);
        return Echo().Match(script) is { Success: true } echo ? await say("stdout", echo.Groups["text"].Value, 0) : null;
    }

    private async Task<int> ReceiveAsync(bool isArchive)
    {
        var part = FilePath + ".packer-partial";
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var file = File.Create(part))
        {
            using var reader = new StreamReader(input, Encoding.ASCII);
            while (await reader.ReadLineAsync(token) is { } line)
            {
                var bytes = Convert.FromBase64String(line);
                hash.AppendData(bytes);
                await file.WriteAsync(bytes, token);
            }
        }
        if (isArchive)
        {
            await ZipFile.ExtractToDirectoryAsync(part, FilePath, overwriteFiles: true, token);
            File.Delete(part);
        }
        else
        {
            File.Move(part, FilePath, overwrite: true);
        }
        return await SayWholeAsync(hash);
    }

    private async Task<int> GiveAsync(bool isFolder)
    {
        var path = isFolder ? Path.GetTempFileName() : FilePath;
        try
        {
            if (isFolder)
            {
                File.Delete(path);
                await ZipFile.CreateFromDirectoryAsync(FilePath, path, token);
            }
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using (var file = File.OpenRead(path))
            {
                var buffer = new byte[36864];
                int count;
                while ((count = await file.ReadAsync(buffer, token)) > 0)
                {
                    hash.AppendData(buffer, 0, count);
                    await say("stdout", Convert.ToBase64String(buffer, 0, count), 0);
                }
            }
            return await SayWholeAsync(hash);
        }
        finally
        {
            if (isFolder) File.Delete(path);
        }
    }

    private Task<int> SayWholeAsync(IncrementalHash hash) => say("stdout", "whole " + Convert.ToHexString(hash.GetHashAndReset()), 0);

    [GeneratedRegex(@"\$path='(?<path>(?:[^']|'')*)'")]
    private static partial Regex PathVariable();

    /// <summary>As Packer's check for a machine that is ready, and ours.</summary>
    [GeneratedRegex("(?:echo|Write-Output) ([\"'])(?<text>[^\"']*)\\1\\s*\\z")]
    private static partial Regex Echo();
}
