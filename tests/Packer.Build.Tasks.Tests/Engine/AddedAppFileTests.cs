using System.Text.Json.Nodes;
using Packer.Engine;
using Packer.Engine.Planning;

namespace Packer.Tests.Engine;

/// <summary>The apps of other projects as a plan holds them.</summary>
[TestClass]
public sealed class AddedAppFileTests
{
    [TestMethod]
    public void What_is_written_is_read()
    {
        var app = new AddedApp("worker", new AppContent("/publish", "Worker", "linux-x64") { InvariantGlobalization = true }, new AppOptions
        {
            Arguments = ["a;b", "", "é"],
            Environment = new Dictionary<string, string> { ["B"] = "2", ["A"] = "it's=1" },
            User = "5000",
            WorkingDirectory = "/srv",
            HttpPort = 9000,
        });

        var read = AddedAppFile.Read(JsonNode.Parse(AddedAppFile.Write(app).ToJsonString())!);

        Assert.AreEqual(AddedAppFile.Write(app).ToJsonString(), AddedAppFile.Write(read).ToJsonString());
        CollectionAssert.AreEqual((string[])["a;b", "", "é"], read.Options.Arguments.ToArray());
        Assert.AreEqual("it's=1", read.Options.Environment["A"]);
        Assert.AreEqual(9000, read.Options.HttpPort);
        Assert.IsTrue(read.Content.InvariantGlobalization);
        Assert.IsNull(AddedAppFile.Read(JsonNode.Parse(AddedAppFile.Write(app with { Options = new AppOptions() }).ToJsonString())!).Options.User);
    }
}
