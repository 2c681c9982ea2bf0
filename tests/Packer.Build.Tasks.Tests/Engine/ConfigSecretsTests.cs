using Packer.Engine;

namespace Packer.Tests.Engine;

[TestClass]
public sealed class ConfigSecretsTests
{
    [TestMethod]
    public void Secrets_are_found_at_every_depth()
    {
        var config = new Outer
        {
            Password = Secret.FromLiteral("one-secret"),
            Inner = new Inner { Token = Secret.FromLiteral("two-secret") },
            List = [new Inner { Token = Secret.FromLiteral("three-secret") }],
            Map = new Dictionary<string, Secret> { ["a"] = Secret.FromLiteral("four-secret") },
        };

        CollectionAssert.AreEquivalent(new[] { "one-secret", "two-secret", "three-secret", "four-secret" }, ConfigSecrets.Find(config).Select(secret => secret.Reveal()).ToArray());
    }

    [TestMethod]
    public void A_config_without_secrets_has_none() => Assert.IsEmpty(ConfigSecrets.Find(new Inner()).ToList());

    private sealed record Outer
    {
        public Secret? Password { get; init; }

        public string Name { get; init; } = "";

        public Inner? Inner { get; init; }

        public IReadOnlyList<Inner> List { get; init; } = [];

        public IReadOnlyDictionary<string, Secret> Map { get; init; } = new Dictionary<string, Secret>();
    }

    private sealed record Inner
    {
        public Secret? Token { get; init; }
    }
}
