using System.Text.Json;
using System.Text.Json.Nodes;
using Packer.Engine.Planning;

namespace Packer.Engine.Provenance;

/// <summary>
/// The provenance of an image: a Statement of the in-toto Attestation Framework, version 1, whose predicate is that of SLSA, Build Provenance, version 1. The
/// same inputs give the same bytes: what is optional and differs from run to run (invocation, start and end) is left out. It is not signed.
/// </summary>
internal static class ProvenanceStatement
{
    /// <summary>What follows the image's name in that of the file.</summary>
    public const string Ending = ".provenance.json";

    /// <summary>See <see cref="IArtifact.BuilderId"/>.</summary>
    public const string ArtifactBuilderId = "packer.provenance";

    public const string StatementType = "https://in-toto.io/Statement/v1";
    public const string PredicateType = "https://slsa.dev/provenance/v1";

    /// <summary>Both lead to the page that says what they mean.</summary>
    public const string BuildType = "https://github.com/packer-sdk/packer-sdk/blob/main/docs/provenance.md#build-type-1";
    public const string BuilderId = "https://github.com/packer-sdk/packer-sdk/blob/main/docs/provenance.md#builder-1";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = PlanJson.Options.Encoder };

    /// <summary>Makes the text; null where there is nothing that it could be about.</summary>
    /// <param name="plan">The plan of the image.</param>
    /// <param name="facts">What the build of the image knew.</param>
    /// <param name="artifacts">What there is after the post-processors.</param>
    /// <param name="secrets">What must not appear.</param>
    public static string? Create(ImagePlan plan, BuildFacts facts, IEnumerable<ArtifactRecord> artifacts, SecretRedactor secrets)
    {
        var subjects = artifacts.SelectMany(artifact => Subjects(artifact, plan)).ToList();
        if (subjects.Count == 0) return null;
        var parameters = facts.Parameters.DeepClone().AsObject();
        parameters["post_processors"] = new ProvenanceParameters(plan, secrets).Of(plan.PostProcessors.Select(step => step.Component));
        var internals = facts.Internal.DeepClone().AsObject();
        internals["post_processors_hash"] = plan.PostProcessHash;
        var statement = new JsonObject
        {
            ["_type"] = StatementType,
            ["subject"] = new JsonArray([.. DependencyList.Sort(subjects).Select(DependencyList.Write)]),
            ["predicateType"] = PredicateType,
            ["predicate"] = new JsonObject
            {
                ["buildDefinition"] = new JsonObject
                {
                    ["buildType"] = BuildType,
                    ["externalParameters"] = parameters,
                    ["internalParameters"] = internals,
                    ["resolvedDependencies"] = new JsonArray([.. DependencyList.Sort(facts.Dependencies).Select(DependencyList.Write)]),
                },
                ["runDetails"] = new JsonObject
                {
                    ["builder"] = new JsonObject { ["id"] = BuilderId, ["version"] = DependencyList.WriteMap(facts.Tools) },
                },
            },
        };
        return statement.ToJsonString(Readable) + "\n";
    }

    /// <summary>The files of an artifact; or what its id names by a digest, as an image in a registry.</summary>
    private static IEnumerable<ResolvedDependency> Subjects(ArtifactRecord artifact, ImagePlan plan)
    {
        const string digest = "@sha256:";
        if (artifact.Files.Count > 0) return artifact.Files.Select(file => DependencyList.OfFile(ProvenanceFacts.NameOf(file.Path, plan), file.Sha256));
        var at = artifact.Id.LastIndexOf(digest, StringComparison.Ordinal);
        return at <= 0 ? [] : [DependencyList.OfFile(artifact.Id[..at], artifact.Id[(at + digest.Length)..])];
    }
}
