using Packer.Configuration;
using Packer.Configuration.Templates;
using Packer.Engine.Planning;
using Packer.Engine.Plugins;
using Packer.Engine.Provenance;
using Packer.Engine.Reports;

namespace Packer.Engine;

/// <summary>
/// Builds one image from its plan: lock, reap, build into a partial folder, test, move it into place, stamp, post-process. Whatever happens on the
/// way, the output folder holds the old image or the new one, and the stamp only ever says what is true.
/// </summary>
/// <param name="plan">What is built.</param>
/// <param name="builder">Its builder.</param>
/// <param name="registry">The components.</param>
/// <param name="ui">Is told what is done.</param>
/// <param name="secrets">What must not appear.</param>
/// <param name="test">Tests an image whose plan asks for it; null where nothing here can.</param>
/// <param name="hurry">Cuts what clean-up waits for.</param>
internal sealed class ImageBuild(ImagePlan plan, IBuilder builder, ComponentRegistry registry, IUi ui, SecretRedactor secrets, IImageTest? test, CancellationToken hurry)
{
    private readonly ImagePaths paths = plan.Paths;
    private readonly FileHashes hashes = new(Path.Combine(plan.PlanDirectory, plan.Image + ".hashes"));
    private readonly ConfigDecoder decoder = new();
    private readonly DateTimeOffset started = DateTimeOffset.UtcNow;
    private readonly RecordingUi ui = new(ui);
    private readonly BuildMaterials? materials = plan.Provenance is null ? null : new BuildMaterials();
    private IReadOnlyList<ContentsEntry> contents = [];
    private BuildFacts? facts;
    private Task oldDeleted = Task.CompletedTask;

    private BuildRecorder Recorder => ui.Recorder;

    /// <summary>Builds what is out of date and returns what there is then.</summary>
    /// <exception cref="PackerException">The build failed.</exception>
    /// <exception cref="OperationCanceledException">The build was cancelled.</exception>
    public async Task<IReadOnlyList<ArtifactRecord>> RunAsync(CancellationToken token)
    {
        await using var held = await Recorder.RunAsync("Wait for other builds of the image", StepKinds.Engine, () => LockAsync(token), token).ConfigureAwait(false);
        await Recorder.RunAsync("Remove what an earlier build left", StepKinds.Engine, () => Leftovers.RemoveAsync(paths, token), token).ConfigureAwait(false);

        // Another process may have built the image while this one waited for the lock.
        var stamp = ImageStamp.Read(paths.Stamp, plan.OutputDirectory);
        var reasons = UpToDateCheck.Reasons(plan, stamp, hashes);
        if (reasons.Count == 0) return stamp!.Artifacts;
        try
        {
            var artifacts = await BuildStaleAsync(stamp, token).ConfigureAwait(false);
            await WriteReportAsync(reasons, artifacts, StepOutcome.Succeeded, null).ConfigureAwait(false);
            return artifacts;
        }
        catch (Exception exception)
        {
            await WriteReportAsync(reasons, [], token.IsCancellationRequested ? StepOutcome.Cancelled : StepOutcome.Failed, exception).ConfigureAwait(false);
            throw;
        }
        finally
        {
            // Before the lock is given back: the next build takes what is still there for the rest of a crash.
            await oldDeleted.ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<ArtifactRecord>> BuildStaleAsync(ImageStamp? stamp, CancellationToken token)
    {
        using var cache = new FileCache(plan.CacheDirectory);
        await using var temporary = await EmptyDirectory.CreateAsync(paths.Temporary).ConfigureAwait(false);
        if (!UpToDateCheck.BuiltIsIntact(plan, stamp, hashes) && !UpToDateCheck.BuiltIsDispensable(plan, stamp, hashes))
        {
            stamp = await BuildAsync(cache, token).ConfigureAwait(false);
        }
        else if (UpToDateCheck.TestIsDue(plan, stamp!))
        {
            await TestAsync(stamp!.Built, cache, plan.OutputDirectory, token).ConfigureAwait(false);
            stamp = stamp with { Tested = plan.Run.TestIdentity };
            await WriteStampAsync(stamp).ConfigureAwait(false);
            if (UpToDateCheck.Reasons(plan, stamp, hashes).Count == 0) return stamp.Artifacts;
        }
        stamp = await PostProcessAsync(cache, stamp!, token).ConfigureAwait(false);
        hashes.Save();
        return stamp.Artifacts;
    }

    private async Task<FileLock> LockAsync(CancellationToken token)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(plan.OutputDirectory)!);
            return await FileLock.AcquireAsync(paths.Lock, token, owner =>
                ui.Say($"Image '{plan.Image}' is being built by {(owner is null ? "another process" : $"process {owner}")}; waiting for it to end.")).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackerException(DiagnosticCodes.OutputNotWritable, $"The folder '{Path.GetDirectoryName(plan.OutputDirectory)}' cannot be written: {exception.Message} Correct its access rights, or set PackerOutputPath.", exception);
        }
    }

    // ---- The builder ----

    private async Task<ImageStamp> BuildAsync(ICache cache, CancellationToken token)
    {
        await using var partial = await EmptyDirectory.CreateAsync(paths.Partial).ConfigureAwait(false);
        var built = await TakeUntestedAsync().ConfigureAwait(false) ?? await MakeAsync(cache, token).ConfigureAwait(false);
        if (plan.Run.Test is not null)
        {
            try
            {
                await TestAsync(built, cache, paths.Partial, token).ConfigureAwait(false);
            }
            catch
            {
                // It is whole: the next build asks it again and need not make it anew, and whoever looks for the cause has it.
                if (built is { Files.Count: > 0 }) await KeepUntestedAsync(built).ConfigureAwait(false);
                throw;
            }
        }

        if (Directory.EnumerateFileSystemEntries(paths.Partial).Any()) oldDeleted = DirectorySwap.Publish(paths.Partial, plan.OutputDirectory);
        built = built is null ? null : Move(built, paths.Partial, plan.OutputDirectory);
        var stamp = new ImageStamp { BuildHash = plan.BuildHash, Parts = plan.Parts, Built = built, Tested = plan.Run.TestIdentity, Facts = facts };
        // Where nothing is done after the builder the stamp that follows at once says all.
        if (plan.PostProcessors.Count > 0 || plan.Provenance is not null) await WriteStampAsync(stamp).ConfigureAwait(false);
        return stamp;
    }

    private async Task<ArtifactRecord?> MakeAsync(ICache cache, CancellationToken token)
    {
        Prepare(builder.Prepare, plan.Builder, buildData: null);
        IArtifact? artifact;
        // Ends before the folder is read, moved or deleted: what the builder left running may still write into it.
        await using (var processes = new ProcessRunner(paths.Processes, hurry))
        {
            var context = Context(cache, processes, paths.Partial);
            artifact = await Recorder.RunAsync($"Builder {plan.Builder.Name}", StepKinds.Builder, () => builder.RunAsync(context, token), token).ConfigureAwait(false);
        }
        // A builder that returns at its cancellation as if it had succeeded has not: what it made may be half of it.
        token.ThrowIfCancellationRequested();

        if (materials is not null) facts = ProvenanceFacts.Collect(plan, materials, secrets);
        contents = artifact?.State(ArtifactState.Contents) as IReadOnlyList<ContentsEntry> ?? [];
        return artifact is null ? null : Record(artifact);
    }

    // ---- The test ----

    private async Task TestAsync(ArtifactRecord? built, ICache cache, string directory, CancellationToken token)
    {
        if (test is null) throw new PackerException(DiagnosticCodes.ImageNotTestable, "'TestHttp' is set, but a builder that a target calls by hand tests no image. Remove it, or make the image a PackerImage item.");
        if (built is not { Files.Count: > 0 }) throw new PackerException(DiagnosticCodes.NothingToBoot, $"'TestHttp' is set, but the builder '{plan.Builder.Name}' makes no files that could be started. Remove it.");
        await using var processes = new ProcessRunner(paths.Processes, hurry);
        var context = Context(cache, processes, directory);
        await Recorder.RunAsync("Test", StepKinds.Test, () => test.RunAsync(plan, built, context, token), token).ConfigureAwait(false);
    }

    /// <summary>Puts aside what did not pass. The image at its place stays.</summary>
    private async Task KeepUntestedAsync(ArtifactRecord built)
    {
        await RemoveUntestedAsync().ConfigureAwait(false);
        Directory.Move(paths.Partial, paths.Untested);
        var stamp = new ImageStamp { BuildHash = plan.BuildHash, Parts = plan.Parts, Built = Move(built, paths.Partial, paths.Untested), Facts = facts };
        await AtomicFile.WriteAsync(paths.UntestedStamp, stamp.Write(paths.Untested), CancellationToken.None).ConfigureAwait(false);
        hashes.Save();
    }

    /// <summary>Brings back what was put aside, into the partial folder, where it is what the builder would make; else it is of no use any more.</summary>
    private async Task<ArtifactRecord?> TakeUntestedAsync()
    {
        var stamp = plan.Force ? null : ImageStamp.Read(paths.UntestedStamp, paths.Untested);
        if (stamp is { Built: { } built } && stamp.BuildHash == plan.BuildHash && UpToDateCheck.IsIntact(built, hashes))
        {
            File.Delete(paths.UntestedStamp);
            Directory.Delete(paths.Partial);
            Directory.Move(paths.Untested, paths.Partial);
            ui.Say("The image was built before and has not passed its test; it is not built again");
            facts = stamp.Facts;
            Recorder.Reuse("the image of an earlier build that had not passed its test");
            return Move(built, paths.Untested, paths.Partial);
        }
        await RemoveUntestedAsync().ConfigureAwait(false);
        return null;
    }

    private async Task RemoveUntestedAsync()
    {
        File.Delete(paths.UntestedStamp);
        await TemporaryDirectory.DeleteAsync(paths.Untested).ConfigureAwait(false);
    }

    // ---- What steps are given ----

    private BuildContext Context(ICache cache, IProcessRunner processes, string outputDirectory)
    {
        BuildContext? context = null;
        var steps = plan.Provisioners.ToLookup(step => step.Options.Cleanup, step => new ProvisionerStep(
            new LateProvisioner(data => PrepareProvisioner(step, data), ((IProvisioner)Find(ComponentKind.Provisioner, step.Component)).NeedsCommunicator),
            step.Component.Name, step.Options.PauseBefore, step.Options.Timeout, step.Options.MaxRetries));
        context = new BuildContext
        {
            Image = plan.Image,
            BuilderType = plan.Builder.Name,
            Ui = ui,
            Hook = new ProvisionHook([.. steps[false]], steps[true].SingleOrDefault(), () => context!),
            Cache = cache,
            OutputDirectory = outputDirectory,
            ProjectDirectory = plan.ProjectDirectory,
            TemporaryDirectory = paths.Temporary,
            LogDirectory = plan.PlanDirectory,
            Debug = plan.Debug,
            Force = plan.Force,
            OnError = plan.OnError,
            App = plan.App,
            Lock = plan.Lock,
            Chain = plan.Chain,
            CheckpointLimit = plan.CheckpointLimit,
            Processes = processes,
            Hurry = hurry,
            Materials = materials,
            Secrets = secrets,
            RunId = plan.RunId,
            Recorder = Recorder,
            Templates = Templates(_ => null),
        };
        return context;
    }

    private IProvisioner PrepareProvisioner(ProvisionerPlan step, IReadOnlyDictionary<string, object?> data)
    {
        var provisioner = (IProvisioner)Find(ComponentKind.Provisioner, step.Component);
        Prepare(provisioner.Prepare, step.Component, key => data.GetValueOrDefault(key)?.ToString());
        return provisioner;
    }

    private object Find(ComponentKind kind, ComponentPlan component) =>
        registry.Find(kind, component.Name)?.Create<object>()
        ?? throw new PackerException(DiagnosticCodes.PluginDoesNotLoad, $"The component '{component.Name}' of the plan is not there any more. Build the project again.");

    /// <summary>Prepares a component from the plan, now with the values that are known only at run time.</summary>
    private void Prepare(Func<PrepareContext, PrepareResult> prepare, ComponentPlan component, Func<string, string?>? buildData)
    {
        var decoding = new DecodeContext
        {
            Owner = component.Owner,
            ProjectDirectory = plan.ProjectDirectory,
            Templates = Templates(buildData ?? (_ => null)),
            TemplatesMustBeComplete = true,
            Locate = _ => plan.Location,
        };
        var prepared = prepare(PrepareContext.FromPlan(decoder, component.Config, component.LiteralSecrets, decoding));
        var errors = prepared.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error).ToList();
        if (errors.Count > 0) throw new PackerException(errors[0].Code, string.Join(" ", errors.Select(error => error.Message)));
        // Before the component runs: from here on no log can show them. A reference that leads nowhere is told now, and not an hour later.
        foreach (var secret in ConfigSecrets.Find(prepared.Decoded!.Config)) secrets.Add(secret.Reveal());
    }

    private TemplateEngine Templates(Func<string, string?> buildData) => new(TemplateFunctions.Standard(new TemplateEnvironment
    {
        BuildName = plan.Image,
        BuildType = plan.Builder.Name,
        ProjectDirectory = plan.ProjectDirectory,
        PackerVersion = SdkVersion.Text,
        Run = new TemplateRunValues { StartTime = started, BuildData = buildData, Artifact = FindArtifact },
    }));

    /// <summary>The path of another image's artifact: <c>image</c> or <c>image.format</c>.</summary>
    private string? FindArtifact(string reference)
    {
        foreach (var name in plan.DependsOn)
        {
            if (!string.Equals(reference, name, StringComparison.OrdinalIgnoreCase) && !reference.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase)) continue;
            var other = ImagePlanFile.Read((paths with { Image = name }).Plan);
            var files = ImageStamp.Read(other.Paths.Stamp, other.OutputDirectory)?.Artifacts.SelectMany(artifact => artifact.Files).Select(file => file.Path) ?? [];
            var format = reference.Length > name.Length ? reference[name.Length..] : null;
            if (files.FirstOrDefault(file => format is null || file.EndsWith(format, StringComparison.OrdinalIgnoreCase)) is { } found) return found;
        }
        return plan.ReferencedArtifacts.FirstOrDefault(artifact => string.Equals(artifact.Key, reference, StringComparison.OrdinalIgnoreCase)).Value;
    }

    // ---- After the builder ----

    private async Task<ImageStamp> PostProcessAsync(ICache cache, ImageStamp stamp, CancellationToken token)
    {
        // It says what was true before.
        if (Directory.Exists(plan.OutputDirectory)) File.Delete(ProvenancePath);
        AtomicFile.DeleteUnfinished(ProvenancePath);
        var artifacts = stamp.Built is null ? [] : new List<ArtifactRecord> { stamp.Built };
        if (plan.PostProcessors.Count > 0 && stamp.Built is not null)
        {
            await using var processes = new ProcessRunner(paths.Processes, hurry);
            var final = Context(cache, processes, plan.OutputDirectory);
            var sequences = plan.PostProcessors.GroupBy(step => step.Options.Sequence, StringComparer.OrdinalIgnoreCase)
                .Select(sequence => (IReadOnlyList<PostProcessorStep>)[.. sequence.Select(PreparePostProcessor)]).ToList();
            var memory = new Memory(this, stamp with { PostProcessHash = null, Artifacts = [] });
            var result = await new PostProcessorRunner(sequences, memory).RunAsync(final, stamp.Built.ToArtifact(), token).ConfigureAwait(false);
            stamp = memory.Stamp;
            if (result.Errors.Count > 0)
            {
                await WriteStampAsync(stamp).ConfigureAwait(false);
                throw new PackerException(result.Errors[0].Code, string.Join(" ", result.Errors.Select(error => error.Message)) + $" The image itself is kept in '{plan.OutputDirectory}'; the next build tries again from there.");
            }
            artifacts = [.. result.Artifacts.Select(Record)];
        }
        if (stamp.Facts is { } known && ProvenanceStatement.Create(plan, known, artifacts, secrets) is { } statement)
        {
            await AtomicFile.WriteAsync(ProvenancePath, statement, token).ConfigureAwait(false);
            artifacts.Add(Record(new Artifact(ProvenanceStatement.ArtifactBuilderId, plan.Image, [ProvenancePath])));
        }
        stamp = stamp with { PostProcessHash = plan.PostProcessHash, Artifacts = artifacts };
        await WriteStampAsync(stamp).ConfigureAwait(false);
        return stamp;
    }

    private string ProvenancePath => Path.Combine(plan.OutputDirectory, plan.Image + ProvenanceStatement.Ending);

    private PostProcessorStep PreparePostProcessor(PostProcessorPlan step)
    {
        var processor = (IPostProcessor)Find(ComponentKind.PostProcessor, step.Component);
        Prepare(processor.Prepare, step.Component, buildData: null);
        return new PostProcessorStep(step.Component.Name, processor, step.Options.KeepInputArtifact, step.Hash);
    }

    /// <summary>What post-processors made of the image that is there; in the stamp at once, for a build that is killed.</summary>
    private sealed class Memory(ImageBuild build, ImageStamp stamp) : IPostProcessorMemory
    {
        private readonly Dictionary<string, PostProcessRecord> before = stamp.PostProcessed.ToDictionary(step => step.Key, StringComparer.Ordinal);

        public ImageStamp Stamp { get; private set; } = stamp with { PostProcessed = [] };

        public PostProcessResult? Recall(string key, IArtifact input)
        {
            if (!before.TryGetValue(key, out var known) || known.Made is { } made && !UpToDateCheck.IsIntact(made, build.hashes)) return null;
            return new PostProcessResult(known.PassedOn ? input : known.Made?.ToArtifact(), known.KeepInput, known.ForceKeepInput);
        }

        public async Task RememberAsync(string key, IArtifact input, PostProcessResult result)
        {
            var passedOn = ReferenceEquals(result.Artifact, input);
            var record = new PostProcessRecord(key, passedOn || result.Artifact is null ? null : build.Record(result.Artifact), passedOn, result.KeepInput, result.ForceKeepInput);
            Stamp = Stamp with { PostProcessed = [.. Stamp.PostProcessed.Where(step => step.Key != key), record] };
            await build.WriteStampAsync(Stamp).ConfigureAwait(false);
        }
    }

    // ---- Records ----

    private ArtifactRecord Record(IArtifact artifact)
    {
        var known = artifact.State(ArtifactState.Sha256) as IReadOnlyDictionary<string, string>;
        var files = new List<ArtifactFile>();
        foreach (var path in artifact.Files.SelectMany(ArtifactFiles.Expand))
        {
            if (!File.Exists(path)) throw new PackerException(DiagnosticCodes.BuildFailed, $"The artifact names the file '{path}', but it is not there. This is a defect of '{artifact.BuilderId}'.");
            var sha256 = known?.GetValueOrDefault(path) ?? hashes.OfFile(path);
            files.Add(new ArtifactFile(path, new FileInfo(path).Length, sha256));
        }
        return new ArtifactRecord(artifact.BuilderId, artifact.Id, secrets.Redact(artifact.ToString()).Replace(paths.Partial, plan.OutputDirectory, StringComparison.Ordinal), files);
    }

    /// <summary>Translates the paths of files that were moved from one folder to another, and remembers the hashes: the files are as they were.</summary>
    private ArtifactRecord Move(ArtifactRecord record, string from, string to)
    {
        var files = new List<ArtifactFile>();
        foreach (var file in record.Files)
        {
            var moved = PortablePath.IsWithin(file.Path, from)
                ? file with { Path = Path.Combine(to, Path.GetRelativePath(from, file.Path)) }
                : file;
            hashes.Remember(moved.Path, moved.Sha256);
            files.Add(moved);
        }
        return record with { Files = files };
    }

    /// <summary>Not cancelled: what was made is made, and the stamp must say so.</summary>
    private Task WriteStampAsync(ImageStamp stamp) => AtomicFile.WriteAsync(paths.Stamp, stamp.Write(plan.OutputDirectory), CancellationToken.None);

    // ---- The report ----

    /// <summary>Writes the image's part of the report, whatever came of the build. A report that cannot be written costs nobody an image.</summary>
    private async Task WriteReportAsync(IReadOnlyList<string> reasons, IReadOnlyList<ArtifactRecord> artifacts, StepOutcome outcome, Exception? exception)
    {
        var (steps, duration) = Recorder.Finish();
        var report = new ImageReport
        {
            Image = plan.Image,
            Builder = plan.Builder.Name,
            RunId = plan.RunId,
            Outcome = ReportOutcomes.Of(outcome),
            Started = started,
            Ended = started.AddMilliseconds(duration),
            DurationMs = duration,
            Reasons = reasons,
            Reused = Recorder.Reused,
            Error = exception is null ? null : new ReportMessage(outcome == StepOutcome.Cancelled ? DiagnosticCodes.BuildCancelled : (exception as PackerException)?.Code ?? DiagnosticCodes.BuilderThrew, Clean(exception.Message)),
            Steps = steps,
            Artifacts = [.. artifacts.Select(artifact => new ReportArtifact(artifact.BuilderId, artifact.Id, [.. artifact.Files]))],
            Warnings = [.. Recorder.Warnings.Select(warning => warning with { Message = Clean(warning.Message) })],
            InputsHash = plan.BuildHash,
            Inputs = plan.Parts,
            Contents = contents,
            // An older one is of another build.
            Screenshots = File.Exists(paths.Screen) && File.GetLastWriteTimeUtc(paths.Screen) >= started ? [paths.Screen] : [],
        };
        try
        {
            await AtomicFile.WriteAsync(paths.Report, report.Write(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            ui.Message($"The report of the image cannot be written: {error.Message}");
        }

        string Clean(string text) => PlainText.WithoutControlCharacters(secrets.Redact(text));
    }
}
