using Packer.Tasks;
using Packer.Tests.Engine;

namespace Packer.Tests.Tasks;

/// <summary>What a project says about its provisioners reaches the build: clean-up, overrides, build variables.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class ProvisionerWiringTests
{
    private const string Image = """<PackerImage Include="a" Builder="null" />""";
    private const string Cleanup = """<PackerProvisioner Include="shell-local" Inline="touch cleaned" Cleanup="true" />""";

    [TestMethod]
    public void The_clean_up_provisioner_runs_only_after_a_failure()
    {
        using var good = new TaskProject($"{Image}\n{Cleanup}\n<PackerProvisioner Include=\"shell-local\" Inline=\"touch done\" />");
        Assert.IsTrue(good.Build(), string.Join('\n', good.Engine.Diagnostics));
        Assert.IsTrue(File.Exists(Path.Combine(good.Folder, "done")));
        Assert.IsFalse(File.Exists(Path.Combine(good.Folder, "cleaned")));

        using var bad = new TaskProject($"{Image}\n{Cleanup}\n<PackerProvisioner Include=\"shell-local\" Inline=\"exit 3\" />");
        Assert.IsFalse(bad.Build());
        Assert.IsTrue(File.Exists(Path.Combine(bad.Folder, "cleaned")));
        Assert.Contains("exit code 3", bad.Engine.Diagnostics.Single());
    }

    [TestMethod]
    public async Task The_clean_up_provisioner_runs_after_a_cancel()
    {
        using var project = new TaskProject($"{Image}\n{Cleanup}\n<PackerProvisioner Include=\"shell-local\" Inline=\"touch begun;sleep 600\" />");
        var plan = project.Plan();
        Assert.IsTrue(plan.Execute());
        var build = new BuildImage { BuildEngine = project.Engine, PlanFile = Path.Combine(plan.PlanDirectory, "a.plan.json") };
        var running = Task.Run(build.Execute);
        await Eventually.IsTrueAsync(() => File.Exists(Path.Combine(project.Folder, "begun")), "the provisioner runs");
        build.Cancel();
        Assert.IsFalse(await running);
        Assert.IsTrue(File.Exists(Path.Combine(project.Folder, "cleaned")));
    }

    [TestMethod]
    public void A_clean_up_provisioner_makes_no_image_out_of_date_but_another_provisioner_does()
    {
        using var project = new TaskProject($"{Image}\n<PackerProvisioner Include=\"shell-local\" Inline=\"true\" />");
        using var same = new TaskProject($"{Image}\n{Cleanup}\n<PackerProvisioner Include=\"shell-local\" Inline=\"true\" />");
        using var other = new TaskProject($"{Image}\n<PackerProvisioner Include=\"shell-local\" Inline=\"true\" />\n<PackerProvisioner Include=\"shell-local\" Inline=\"true\" />");
        Assert.AreEqual(Hash(project), Hash(same));
        Assert.AreNotEqual(Hash(project), Hash(other));
    }

    [TestMethod]
    public void An_override_counts_for_its_image_alone_and_more_than_the_item()
    {
        using var project = new TaskProject("""
            <PackerImage Include="web;db" Builder="null" />
            <PackerProvisioner Include="shell-local" Inline="echo $A $B > $PACKER_BUILD_NAME.txt" Env="A=1;B=1" Override='{ "WEB": { "env": { "B": "2" } } }' />
            """);
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("1 2\n", File.ReadAllText(Path.Combine(project.Folder, "web.txt")));
        Assert.AreEqual("1 1\n", File.ReadAllText(Path.Combine(project.Folder, "db.txt")));
    }

    [TestMethod]
    public void Build_variables_have_their_values_in_the_keys_of_a_provisioner()
    {
        using var project = new TaskProject($$$"""
            {{{Image}}}
            <PackerProvisioner Include="shell-local" Inline="echo '{{ build `ConnType` }} {{ build_name }}' > said" />
            """);
        Assert.IsTrue(project.Build(), string.Join('\n', project.Engine.Diagnostics));
        Assert.AreEqual("none a\n", File.ReadAllText(Path.Combine(project.Folder, "said")));

        using var unknown = new TaskProject($$$"""
            {{{Image}}}
            <PackerProvisioner Include="shell-local" Inline="echo '{{ build `Hots` }}'" />
            """);
        Assert.IsFalse(unknown.Build());
        Assert.Contains("PKR0018", unknown.Engine.Diagnostics.Single());
    }

    private static string Hash(TaskProject project)
    {
        var plan = project.Plan();
        Assert.IsTrue(plan.Execute(), string.Join('\n', project.Engine.Diagnostics));
        return Packer.Engine.Planning.ImagePlanFile.Read(Path.Combine(plan.PlanDirectory, "a.plan.json")).BuildHash;
    }
}
