using System.Security.Cryptography;
using System.Text;
using Packer.Configuration;
using Packer.Engine;

namespace Packer.Steps;

/// <summary>
/// Gets the ISO of <see cref="IsoConfig"/> into the cache, or finds it there; a local file is used in place. What is downloaded stays as it is: an archive is
/// not unpacked, since its checksum would no longer fit.
/// </summary>
internal sealed class DownloadIsoStep(IsoConfig config, BuildContext context) : IStep
{
    private const string Description = "ISO";
    private const string NotVerified = "none";

    public string Name => "Download the ISO";

    /// <summary>Full path of the ISO; null before the step has run.</summary>
    public string? IsoPath { get; private set; }

    /// <summary>The first of the addresses, without user, password and query: Packer's <c>SourceImageURL</c>.</summary>
    public string SourceImageUrl => Address.Display(Addresses(config, context.ProjectDirectory)[0]);

    /// <summary>Checks what attributes cannot say.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="validation">Takes the errors and warnings.</param>
    /// <param name="isRequired">Whether there must be an ISO.</param>
    /// <param name="staysRemote">Whether it is read in place and not downloaded (<see cref="FindIsoStep"/>).</param>
    public static void Validate(IsoConfig config, ConfigValidation validation, bool isRequired = true, bool staysRemote = false)
    {
        if (config.IsoUrl is not null && config.IsoUrls.Count > 0) validation.Error(DiagnosticCodes.ConflictingKeys, nameof(IsoConfig.IsoUrls), "both 'IsoUrl' and 'IsoUrls' are set. Keep one of them.");
        if (config.IsoUrl is null && config.IsoUrls.Count == 0)
        {
            if (isRequired) validation.Error(DiagnosticCodes.RequiredKeyMissing, nameof(IsoConfig.IsoUrl), "there is no ISO. Set 'IsoUrl' to its address or path.");
            return;
        }
        foreach (var url in Written(config)) ValidateUrl(url, config, validation);
        if (staysRemote)
        {
            ValidateRemote(config, validation);
            return;
        }
        ValidateChecksum(config, validation);
        if (config.IsoTargetExtension.AsSpan().ContainsAny('/', '\\')) validation.Error(DiagnosticCodes.WrongValue, nameof(IsoConfig.IsoTargetExtension), $"'IsoTargetExtension' is '{config.IsoTargetExtension}'; write an extension such as 'iso'.");
    }

    public async Task RunAsync(CancellationToken token)
    {
        var addresses = Addresses(config, context.ProjectDirectory);
        var extension = config.IsoTargetExtension.TrimStart('.').ToLowerInvariant();
        var request = new DownloadRequest(addresses, config.IsoChecksum.Length > 0 ? config.IsoChecksum : NotVerified, Description) { Extension = extension, ProjectDirectory = context.ProjectDirectory };
        var path = await context.Cache.DownloadAsync(request, context.Ui, token).ConfigureAwait(false);
        var isLocal = addresses.Any(address => address.IsFile && address.LocalPath == path);
        if (config.IsoTargetPath is { } target && !isLocal) path = await PlaceAsync(path, Target(target, extension), token).ConfigureAwait(false);
        context.Ui.Message($"{Description}: {path}");
        foreach (var (written, address) in Written(config).Zip(addresses))
            if (address.IsFile) context.Materials?.UseLocalFile(written);
        if (context.Materials is { } materials) materials.Use(await DescribeAsync(addresses, path, token).ConfigureAwait(false));
        IsoPath = path;
    }

    public Task CleanupAsync(StepOutcome outcome, CancellationToken hurry) => Task.CompletedTask;

    private static IReadOnlyList<string> Written(IsoConfig config) => config.IsoUrl is { } url ? [url] : config.IsoUrls;

    private static void ValidateUrl(string url, IsoConfig config, ConfigValidation validation)
    {
        var key = config.IsoUrl is null ? nameof(IsoConfig.IsoUrls) : nameof(IsoConfig.IsoUrl);
        if (url.Length == 0) validation.Error(DiagnosticCodes.WrongValue, key, $"'{key}' holds an empty address. Remove it.");
        else if (IsAddress(url) && (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https" or "file")))
            validation.Error(DiagnosticCodes.WrongValue, key, $"'{Address.Display(url)}' is no address of an ISO. Write one that begins with https:, http: or file:, or a path.");
    }

    private static void ValidateRemote(IsoConfig config, ConfigValidation validation)
    {
        if (Written(config).FirstOrDefault(url => !url.StartsWith("http:", StringComparison.OrdinalIgnoreCase) && !url.StartsWith("https:", StringComparison.OrdinalIgnoreCase)) is { } local)
            validation.Error(DiagnosticCodes.ConflictingKeys, config.IsoUrl is null ? nameof(IsoConfig.IsoUrls) : nameof(IsoConfig.IsoUrl), $"'{Address.Display(local)}' is not read from a server, so 'IsoSkipCache' has no meaning. Remove 'IsoSkipCache': a local file is used where it lies.");
        if (config.IsoChecksum is not ("" or NotVerified))
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(IsoConfig.IsoChecksum), "with 'IsoSkipCache' nobody sees the whole ISO, so 'IsoChecksum' cannot be checked. Remove 'IsoSkipCache', or set IsoChecksum=\"none\".");
        if (config.IsoTargetPath is not null)
            validation.Error(DiagnosticCodes.ConflictingKeys, nameof(IsoConfig.IsoTargetPath), "with 'IsoSkipCache' the ISO is not downloaded, so it cannot be put at 'IsoTargetPath'. Remove one of them.");
    }

    private static void ValidateChecksum(IsoConfig config, ConfigValidation validation)
    {
        // What another image has made is known to the engine, which builds anew what stands on it when it changes.
        var isOwn = Written(config).All(validation.IsKnownLate);
        if (config.IsoChecksum.Length == 0)
        {
            // While the image is built the plan has been checked, and its templates are filled in.
            if (isOwn || !validation.IsPlan) return;
            validation.Error(DiagnosticCodes.RequiredKeyMissing, nameof(IsoConfig.IsoChecksum), "the ISO has no checksum. Set 'IsoChecksum' to 'sha256:' and the digest that its publisher gives.");
            return;
        }
        try
        {
            if (ChecksumSetting.Parse(config.IsoChecksum) is { Digest: null, File: null } && !isOwn)
                validation.Warning(DiagnosticCodes.IsoNotVerified, nameof(IsoConfig.IsoChecksum), "the ISO is not verified, since 'IsoChecksum' is 'none': a damaged or exchanged one is used unnoticed. Set it to 'sha256:' and the digest that its publisher gives.");
        }
        catch (PackerException exception)
        {
            validation.Error(exception.Code, nameof(IsoConfig.IsoChecksum), exception.Message);
        }
    }

    /// <summary>The addresses in order; a path is one that begins with <c>file:</c>.</summary>
    internal static List<Uri> Addresses(IsoConfig config, string projectDirectory) => [.. Written(config).Select(url => IsAddress(url) ? new Uri(url, UriKind.Absolute) : Address.OfFile(ConfigPaths.MakeFull(url, projectDirectory)))];

    /// <summary>Tells an address from a path. A single letter before the colon is a drive.</summary>
    private static bool IsAddress(string url)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        return colon > 1 && (url.AsSpan(colon).StartsWith("://") || url.StartsWith("file:", StringComparison.OrdinalIgnoreCase)) && Uri.CheckSchemeName(url[..colon]);
    }

    /// <summary>What the ISO is: its first address, whichever it came from this time, and the digest that it was checked by, or else its SHA-256.</summary>
    private async Task<ResolvedDependency> DescribeAsync(IReadOnlyList<Uri> addresses, string path, CancellationToken token)
    {
        var address = addresses[0];
        var digest = (config.IsoChecksum.Length > 0 ? ChecksumSetting.Parse(config.IsoChecksum).Digest : null) ?? await Checksum.ComputeAsync(ChecksumKind.Sha256, path, token).ConfigureAwait(false);
        return new ResolvedDependency(Path.GetFileName(Address.PathOf(address)))
        {
            // The path of a local file says nothing to others.
            Uri = address.IsFile ? null : Address.Display(address),
            Digests = new Dictionary<string, string> { [digest.Kind.ToString().ToLowerInvariant()] = digest.Hex },
        };
    }

    /// <summary>As Packer does: a folder takes the file under the SHA-1 of the checksum as written.</summary>
    private string Target(string target, string extension)
    {
        if (Path.HasExtension(target) && !Directory.Exists(target)) return target;
#pragma warning disable CA5350 // A file name, no protection.
        var name = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(config.IsoChecksum)));
#pragma warning restore CA5350
        return Path.Combine(target, extension.Length > 0 ? $"{name}.{extension}" : name);
    }

    private async Task<string> PlaceAsync(string source, string target, CancellationToken token)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using var held = await FileLock.AcquireAsync(target + ".lock", token).ConfigureAwait(false);
            if (await IsSameAsync(source, target, token).ConfigureAwait(false)) return target;
            var temporary = target + ".partial";
            try
            {
                await CopyAsync(source, temporary, token).ConfigureAwait(false);
                AtomicFile.Publish(temporary, target);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }
            return target;
        }
        catch (IOException exception) when (FileErrors.IsDiskFull(exception))
        {
            throw FileErrors.DiskFull(target, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackerException(DiagnosticCodes.IsoTargetNotWritable, $"The ISO cannot be put at '{target}': {exception.Message} Correct 'IsoTargetPath', or remove it to use the ISO in the cache.", exception);
        }
    }

    private static async Task<bool> IsSameAsync(string source, string target, CancellationToken token) =>
        File.Exists(target) && new FileInfo(target).Length == new FileInfo(source).Length
        && await Checksum.ComputeAsync(ChecksumKind.Sha256, target, token).ConfigureAwait(false) == await Checksum.ComputeAsync(ChecksumKind.Sha256, source, token).ConfigureAwait(false);

    private async Task CopyAsync(string source, string target, CancellationToken token)
    {
        await using var reader = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using var progress = context.Ui.TrackProgress(Description, 0, reader.Length, reader);
        await using var writer = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        await progress.CopyToAsync(writer, 1 << 20, token).ConfigureAwait(false);
        writer.Flush(flushToDisk: true);
    }
}
