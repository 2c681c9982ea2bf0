using System.Text;
using Packer.Engine.Planning;
using Packer.Running;

namespace Packer.Tests.Running;

[TestClass]
public sealed class RunPlanTests
{
    [TestMethod]
    [DataRow("8080", "0:8080")]
    [DataRow("8000:8080", "8000:8080")]
    [DataRow("1:65535", "1:65535")]
    [DataRow("", null)]
    [DataRow("0", null)]
    [DataRow("65536", null)]
    [DataRow(":80", null)]
    [DataRow("80:", null)]
    [DataRow("1:2:3", null)]
    [DataRow("http", null)]
    [DataRow("-1", null)]
    public void Ports(string text, string? expected) => Assert.AreEqual(expected, PortForward.TryParse(text)?.ToString());

    [TestMethod]
    [DataRow("/", "8080/")]
    [DataRow("/health?full=1", "8080/health?full=1")]
    [DataRow("9000/health", "9000/health")]
    [DataRow("health", null)]
    [DataRow("9000", null)]
    [DataRow("x/health", null)]
    [DataRow("http://web/health", null)]
    public void Tests(string text, string? expected) => Assert.AreEqual(expected, HttpTest.TryParse(text, 8080, TimeSpan.FromSeconds(1))?.ToString());

    [TestMethod]
    public void How_long_a_test_may_take_is_no_part_of_what_it_proves()
    {
        var plan = new RunPlan { Test = new HttpTest(80, "/", TimeSpan.FromSeconds(1)) };
        Assert.AreEqual(plan.TestIdentity, (plan with { Test = plan.Test with { Timeout = TimeSpan.FromHours(1) } }).TestIdentity);
        Assert.AreNotEqual(plan.TestIdentity, (plan with { Test = plan.Test with { Path = "/health" } }).TestIdentity);
        Assert.AreNotEqual(plan.TestIdentity, (plan with { Memory = 64 }).TestIdentity);
        Assert.IsNull(new RunPlan().TestIdentity);
    }

    [TestMethod]
    public void The_disk_is_the_one_that_QEMU_reads_best()
    {
        using var folder = new TemporaryFolder();
        string[] names = ["web.ova", "web.vhd", "web.vhdx", "web.vmdk", "web.raw", "web.qcow2", "web.tar.gz"];
        var files = names.Select(name => folder.Write(name, new byte[512])).ToList();
        foreach (var format in new[] { "qcow2", "raw", "vmdk", "vhdx", "vpc" })
        {
            var found = DiskFile.Find(files);
            Assert.AreEqual(format, found?.Format);
            files.Remove(found!.Path);
        }
        Assert.IsNull(DiskFile.Find(files));
    }

    [TestMethod]
    [DataRow("KDMV", "vmdk")]
    [DataRow("vhdxfile", "vhdx")]
    [DataRow("conectix", "vpc")]
    [DataRow("anything", null)]
    public void A_disk_without_an_extension_is_known_by_its_first_bytes(string start, string? format)
    {
        using var folder = new TemporaryFolder();
        var content = new byte[512];
        Encoding.ASCII.GetBytes(start).CopyTo(content, 0);
        Assert.AreEqual(format, DiskFile.Find([folder.Write("packer-web", content)])?.Format);
        (content[510], content[511]) = (0x55, 0xaa);
        Assert.AreEqual(format ?? "raw", DiskFile.Find([folder.Write("packer-web", content)])?.Format);
        new byte[] { (byte)'Q', (byte)'F', (byte)'I', 0xfb }.CopyTo(content, 0);
        Assert.AreEqual("qcow2", DiskFile.Find([folder.Write("packer-web", content)])?.Format);
        Assert.IsNull(DiskFile.Find([folder.Write("packer-web", [1, 2, 3])]));
    }
}
