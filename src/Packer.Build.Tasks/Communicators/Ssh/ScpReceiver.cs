namespace Packer.Communicators.Ssh;

/// <summary>Writes a folder that a remote <c>scp -r</c> sends.</summary>
/// <param name="scp">What it sends.</param>
/// <param name="destination">Full path of the folder here.</param>
/// <param name="withoutRoot">Whether the contents of the sent folder go into the destination, and not the folder itself.</param>
/// <param name="excludes">What is left out, relative to the sent folder.</param>
internal sealed class ScpReceiver(ScpStream scp, string destination, bool withoutRoot, PathGlobs excludes)
{
    /// <summary>Receives all. What the machine could not read is an error, after the rest has been copied.</summary>
    /// <exception cref="ScpException">Something could not be copied.</exception>
    public async Task RunAsync(CancellationToken token)
    {
        var errors = new List<string>();
        var folders = new Stack<Folder>();
        Directory.CreateDirectory(destination);
        scp.Accept();
        while (await scp.ReceiveAsync(errors.Add, token).ConfigureAwait(false) is { } record)
        {
            if (record[0] == 'E')
            {
                if (!folders.TryPop(out var left)) throw new ScpException("it ended a folder that it had not begun");
                // Last, for a folder may be one that nothing can be written to.
                if (left.Path is { } path && left.Mode is { } mode) UnixModes.Set(path, mode);
                scp.Accept();
                continue;
            }
            if (record[0] == 'T')
            {
                scp.Accept();
                continue;
            }
            var (kind, bits, size, name) = ScpStream.Parse(record);
            var within = Within(folders, name);
            scp.Accept();
            if (kind == 'D')
            {
                if (within.Path is not null) Directory.CreateDirectory(within.Path);
                folders.Push(within with { Mode = within.Path is null || within.Path == destination ? null : bits });
            }
            else if (kind == 'C')
            {
                await ReceiveFileAsync(within.Path, bits, size, token).ConfigureAwait(false);
            }
            else
            {
                throw new ScpException($"it sent the record '{record}', which is none of scp");
            }
        }
        if (errors.Count > 0) throw new ScpException(string.Join("; ", errors.Select(error => error.Trim())));
        if (folders.Count > 0) throw new ScpException("") { IsEnd = true };
    }

    private async Task ReceiveFileAsync(string? path, UnixFileMode mode, long size, CancellationToken token)
    {
        if (path is null)
        {
            await scp.ReceiveAsync(content: null, size, token).ConfigureAwait(false);
            return;
        }
        await using (var file = new FileStream(path, System.IO.FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            await scp.ReceiveAsync(file, size, token).ConfigureAwait(false);
        }
        UnixModes.Set(path, mode);
    }

    /// <summary>Where something in the present folder goes; no path where it is left out.</summary>
    private Folder Within(Stack<Folder> folders, string name)
    {
        if (!folders.TryPeek(out var parent)) return new Folder(withoutRoot ? destination : Path.Combine(destination, name), "", null);
        var relative = parent.Relative.Length == 0 ? name : $"{parent.Relative}/{name}";
        return new Folder(parent.Path is null || excludes.Match(relative) ? null : Path.Combine(parent.Path, name), relative, null);
    }

    /// <param name="Path">Full path here, or null where it is left out.</param>
    /// <param name="Relative">Path relative to the sent folder.</param>
    /// <param name="Mode">What it gets at its end.</param>
    private sealed record Folder(string? Path, string Relative, UnixFileMode? Mode);
}
