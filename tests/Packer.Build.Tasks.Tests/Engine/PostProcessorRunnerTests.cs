using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class PostProcessorRunnerTests
{
    private readonly TestUi ui = new();
    private readonly List<string> destroyed = [];

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    public async Task WithoutPostProcessorsTheArtifactIsTheResult() => await AssertResultAsync([], "A", "");

    [TestMethod]
    [DataRow(false, null, "B", "A")]
    [DataRow(true, null, "A B", "")]
    [DataRow(false, true, "A B", "")]
    [DataRow(true, false, "B", "A")]
    public async Task TheUserOverridesWhatThePostProcessorKeeps(bool keep, bool? user, string left, string gone) =>
        await AssertResultAsync([[Step("B", keep, user)]], left, gone);

    [TestMethod]
    [DataRow(true, "A B", "")]
    [DataRow(false, "B", "A")]
    public async Task WhatTheNewArtifactIsMadeOfIsKeptAgainstTheUser(bool keep, string left, string gone) =>
        await AssertResultAsync([[Step("B", keep, user: false, force: true)]], left, gone);

    [TestMethod]
    public async Task AChainDestroysWhatNobodyKeeps()
    {
        await AssertResultAsync([[Step("B"), Step("C", keep: true), Step("D")]], "B D", "C A");
    }

    [TestMethod]
    public async Task EachSequenceBeginsWithTheBuildersArtifact()
    {
        // The first sequence has no use for it, but the second still needs it.
        await AssertResultAsync([[Step("B")], [Step("C", check: input => Assert.AreEqual("A", input.Id))]], "B C", "A");
        destroyed.Clear();
        await AssertResultAsync([[Step("B")], [Step("C", keep: true)]], "A B C", "");
    }

    [TestMethod]
    public async Task AFailingFirstPostProcessorNeverCostsTheImage()
    {
        var errors = await AssertResultAsync([[Step("B")], [Fail("pp"), Step("C")], [Step("D")]], "A B D", "");
        Assert.AreEqual("The post-processor 'pp' failed: broken", errors.Single().Message);
        Assert.AreEqual(DiagnosticCodes.PostProcessorFailed, errors[0].Code);
    }

    [TestMethod]
    public async Task AFailingLaterPostProcessorKeepsItsInputAndTheImage()
    {
        await AssertResultAsync([[Step("B"), Fail("pp"), Step("C")]], "A B", "", errors: 1);
        await AssertResultAsync([[Step("B"), Step("C"), Fail("pp")]], "A C", "B", errors: 1);
        await AssertResultAsync([[Step("B")], [Fail("pp")], [Step("C")]], "A B C", "", errors: 1);
    }

    [TestMethod]
    public async Task TheSameArtifactIsNeverListedTwiceNorDestroyed()
    {
        var same = Same();
        await AssertResultAsync([[same]], "A", "");
        await AssertResultAsync([[same, same], [same]], "A", "");
        await AssertResultAsync([[Step("B")], [same]], "A B", "");
        await AssertResultAsync([[Step("B"), same, Step("C")]], "C", "B A");
    }

    [TestMethod]
    [DataRow(true, "A", "")]
    [DataRow(false, "", "A")]
    public async Task NoArtifactEndsTheSequence(bool keep, string left, string gone) =>
        await AssertResultAsync([[new PostProcessorStep("upload", new TestPostProcessor((_, _) => Task.FromResult(new PostProcessResult(null, keep))), null), Step("never")]], left, gone);

    [TestMethod]
    public async Task FilesThatTheSuccessorHasAreNotDestroyed()
    {
        var built = Make("A", "/out/web.qcow2", "/out/folder");
        var result = await RunAsync(built, [[Step("B", made: Make("B", "/out/web.qcow2.sha256", "/out/web.qcow2"))]], Token);
        Assert.AreEqual("B", Ids(result));
        result = await RunAsync(built, [[Step("C", made: Make("C", "/out/folder/file"))]], Token);
        Assert.AreEqual("C", Ids(result));
        Assert.IsEmpty(destroyed);
    }

    [TestMethod]
    public async Task AnArtifactThatCannotBeDestroyedIsAWarning()
    {
        var result = await RunAsync(new TestArtifact("A", [], _ => throw new IOException("in use")), [[Step("B")]], Token);
        Assert.AreEqual("B", Ids(result));
        Assert.IsEmpty(result.Errors);
        Assert.Contains("in use", ui.Warnings.Single());
    }

    [TestMethod]
    public async Task NoArtifactMeansNothingToDo()
    {
        var result = await RunAsync(null, [[Fail("never")]], Token);
        Assert.IsEmpty(result.Artifacts);
        Assert.IsEmpty(result.Errors);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task CancelledNothingIsDestroyed(bool obeys)
    {
        using var cancel = new CancellationTokenSource();
        var step = new PostProcessorStep("pp", new TestPostProcessor(async (_, token) =>
        {
            await cancel.CancelAsync();
            throw obeys ? new OperationCanceledException(token) : new IOException();
        }), null);
        await Assert.ThrowsAsync<OperationCanceledException>(() => RunAsync(Make("A"), [[step], [Step("B")]], cancel.Token));
        await Assert.ThrowsAsync<OperationCanceledException>(() => RunAsync(Make("A"), [[Step("B")]], cancel.Token));
        Assert.IsEmpty(destroyed);
    }

    [TestMethod]
    public async Task AnArtifactOfFilesDestroysThem()
    {
        await using var folder = TemporaryDirectory.Create();
        var (file, directory) = (Path.Combine(folder.FullPath, "file"), Path.Combine(folder.FullPath, "directory"));
        await File.WriteAllTextAsync(file, "", Token);
        Directory.CreateDirectory(Path.Combine(directory, "sub"));
        var artifact = new Artifact("test.x", "x", [file, directory, Path.Combine(folder.FullPath, "gone", "file")]);
        await artifact.DestroyAsync(Token);
        await artifact.DestroyAsync(Token);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    private static PostProcessorStep Fail(string name) => new(name, new TestPostProcessor((_, _) => throw new IOException("broken")), null);

    private static PostProcessorStep Same() => new("same", new TestPostProcessor((input, _) => Task.FromResult(new PostProcessResult(input, KeepInput: false))), null);

    private static string Ids(PostProcessorOutcome result) => string.Join(' ', result.Artifacts.Select(artifact => artifact.Id));

    private async Task<IReadOnlyList<PackerException>> AssertResultAsync(PostProcessorStep[][] sequences, string left, string gone, int? errors = null)
    {
        destroyed.Clear();
        var result = await RunAsync(Make("A"), sequences, Token);
        Assert.AreEqual(left, Ids(result));
        Assert.AreEqual(gone, string.Join(' ', destroyed));
        if (errors is { } count) Assert.HasCount(count, result.Errors);
        return result.Errors;
    }

    private Task<PostProcessorOutcome> RunAsync(IArtifact? built, PostProcessorStep[][] sequences, CancellationToken token) =>
        new PostProcessorRunner(sequences).RunAsync(TestBuild.Context(ui, hurry: CancellationToken.None), built, token);

    private PostProcessorStep Step(string id, bool keep = false, bool? user = null, bool force = false, IArtifact? made = null, Action<IArtifact>? check = null) =>
        new($"make {id}", new TestPostProcessor((input, _) =>
        {
            Assert.DoesNotContain(input.Id, destroyed);
            check?.Invoke(input);
            return Task.FromResult(new PostProcessResult(made ?? Make(id), keep, force));
        }), user);

    private TestArtifact Make(string id, params string[] files) => new(id, files, artifact => destroyed.Add(artifact.Id));

    private sealed class TestPostProcessor(Func<IArtifact, CancellationToken, Task<PostProcessResult>> process) : IPostProcessor
    {
        public PrepareResult Prepare(PrepareContext context) => throw new NotSupportedException();

        public Task<PostProcessResult> ProcessAsync(BuildContext context, IArtifact artifact, CancellationToken token) => process(artifact, token);
    }

    private sealed class TestArtifact(string id, IReadOnlyList<string> files, Action<TestArtifact> destroy) : Artifact("test.artifact", id, files)
    {
        public override Task DestroyAsync(CancellationToken token)
        {
            destroy(this);
            return Task.CompletedTask;
        }
    }
}
