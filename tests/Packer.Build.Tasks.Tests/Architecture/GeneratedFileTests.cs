using Packer.Engine.Planning;
using Packer.Engine.Plugins;

namespace Packer.Tests.Architecture;

[TestClass]
public sealed class GeneratedFileTests
{
    [TestMethod]
    public void Targets_collect_every_key_of_the_built_in_components()
    {
        using var registry = new ComponentRegistry([]);
        var expected = ComponentKeys.CollectingTarget(ComponentKeys.PropertyNames(registry.All).Concat(Planner.EngineKeys).Order(StringComparer.Ordinal), "_PackerCollectProperties", before: null);
        RepositoryFiles.AssertGenerated(RepositoryFiles.FullPath("src", "Packer.Sdk", "targets", "Packer.Keys.targets"), expected);
    }
}
