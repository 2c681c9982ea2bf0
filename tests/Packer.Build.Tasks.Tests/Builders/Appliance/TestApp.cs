namespace Packer.Tests.Builders.Appliance;

/// <summary>A publish output.</summary>
internal static class TestApp
{
    public static AppContent Create(string folder, byte[]? program = null)
    {
        Directory.CreateDirectory(Path.Combine(folder, "wwwroot"));
        File.WriteAllBytes(Path.Combine(folder, "Web"), program ?? ElfBuilder.Program());
        File.WriteAllBytes(Path.Combine(folder, "libnative.so"), ElfBuilder.Program());
        File.WriteAllText(Path.Combine(folder, "Web.dll"), "MZ");
        File.WriteAllText(Path.Combine(folder, "Web.dbg"), "symbols");
        File.WriteAllText(Path.Combine(folder, "appsettings.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "wwwroot", "index.html"), "<html>");
        return new AppContent(folder, "Web", "linux-x64") { InvariantGlobalization = true };
    }
}
