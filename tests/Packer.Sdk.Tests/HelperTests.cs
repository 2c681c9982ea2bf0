namespace Packer.Sdk.Tests;

[TestClass]
public sealed class HelperTests
{
    [TestMethod]
    public async Task A_project_builds_an_image_with_the_packed_sdk()
    {
        using var project = await TestProject.CreateAsync("""<ItemGroup><PackerImage Include="note" Builder="file" Content="hello" /></ItemGroup>""");

        await project.BuildCleanlyAsync();

        Assert.AreEqual("hello", await File.ReadAllTextAsync(project.ImageFile("note")));
    }

    [TestMethod]
    public void Messages_are_read_from_the_output()
    {
        var output = new BuildOutput("dotnet build", 1, """
            /p/app.csproj(7,9): packer error PKR0012: Image 'web': wrong. [/p/app.csproj]
            MSBUILD : error MSB1009: Project file does not exist.
            /sdk/packer.proj : warning PKR0110: Something. [/sdk/packer.proj]

            /p/app.csproj(7,9): packer error PKR0012: Image 'web': wrong. [/p/app.csproj]

            """);

        CollectionAssert.AreEqual(
            new BuildMessage[] { new(true, "PKR0012", "Image 'web': wrong.", "/p/app.csproj", 7), new(true, "MSB1009", "Project file does not exist.", null, 0) },
            output.Errors.ToArray());
        CollectionAssert.AreEqual(new BuildMessage[] { new(false, "PKR0110", "Something.", "/sdk/packer.proj", 0) }, output.Warnings.ToArray());
    }
}
