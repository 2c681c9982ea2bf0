using System.Diagnostics;
using System.Text;
using Packer.Debian;

namespace Packer.Tests.Debian;

[TestClass]
public sealed class DebianVersionTests
{
    [TestMethod]
    [DataRow("1.0", "<", "1.1")]
    [DataRow("1.9", "<", "1.10")]
    [DataRow("1.0~rc1", "<", "1.0")]
    [DataRow("1.0~~", "<", "1.0~")]
    [DataRow("1.0~~a", "<", "1.0~")]
    [DataRow("1.0", "<", "1.0a")]
    [DataRow("1.0a", "<", "1.0+")]
    [DataRow("1.0-1", "<", "1.0-1+b1")]
    [DataRow("1.0-1", "<", "1.0.1")]
    [DataRow("2.0", "<", "1:1.0")]
    [DataRow("0:1", "=", "1")]
    [DataRow("1.0", "=", "1.0-0")]
    [DataRow("1.0", "=", "1.00")]
    [DataRow("1.", "=", "1.0")]
    [DataRow("1-2-3", "<", "1-2-4")]
    [DataRow("1.18446744073709551616", "<", "1.18446744073709551617")]
    [DataRow("2.36-9+deb12u7", "<", "2.36-9+deb12u13")]
    [DataRow("99999999999999999999:1", ">", "9:1")]
    public void Versions_are_ordered_as_policy_says(string left, string order, string right)
    {
        DebianVersion a = DebianVersion.Parse(left), b = DebianVersion.Parse(right);
        var expected = order switch { "<" => -1, ">" => 1, _ => 0 };

        Assert.AreEqual(expected, Math.Sign(a.CompareTo(b)));
        Assert.AreEqual(-expected, Math.Sign(b.CompareTo(a)));
        Assert.AreEqual(expected == 0, a.Equals(b));
        if (expected == 0) Assert.AreEqual(a.GetHashCode(), b.GetHashCode());
        Assert.AreEqual(left, a.ToString());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(":1")]
    [DataRow("a:1")]
    [DataRow("1:")]
    [DataRow("1-")]
    [DataRow("-1")]
    [DataRow("1 2")]
    [DataRow("1_2")]
    [DataRow("1:2-3:4")]
    public void Malformed_versions_are_refused(string text)
    {
        Assert.IsFalse(DebianVersion.TryParse(text, out _));
        DebianAssert.Fails(DebianError.Damaged, () => DebianVersion.Parse(text));
    }

    [TestMethod]
    public void Default_is_before_all() => Assert.IsLessThan(0, default(DebianVersion).CompareTo(DebianVersion.Parse("0.1")));

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Order_is_that_of_dpkg()
    {
        Rig.Require("dpkg", "sh");
        var pairs = RandomPairs(600);
        var script = "while read -r a b; do if dpkg --compare-versions \"$a\" lt \"$b\"; then echo -1; elif dpkg --compare-versions \"$a\" eq \"$b\"; then echo 0; else echo 1; fi; done";
        AssertOrder(pairs, await RunAsync("sh", ["-c", script], pairs));
    }

    [TestMethod]
    [TestCategory("Rig")]
    public async Task Order_is_that_of_dpkgs_perl_library()
    {
        Rig.Require("perl", "dpkg-scanpackages");
        var pairs = RandomPairs(50_000);
        AssertOrder(pairs, await RunAsync("perl", ["-MDpkg::Version", "-ne", "my ($a, $b) = split; print version_compare($a, $b), \"\\n\""], pairs));
    }

    private static void AssertOrder((string Left, string Right)[] pairs, string[] orders)
    {
        Assert.HasCount(pairs.Length, orders);
        for (var i = 0; i < pairs.Length; i++)
        {
            var order = Math.Sign(DebianVersion.Parse(pairs[i].Left).CompareTo(DebianVersion.Parse(pairs[i].Right)));
            Assert.AreEqual(int.Parse(orders[i], System.Globalization.CultureInfo.InvariantCulture), order, $"{pairs[i].Left} and {pairs[i].Right}");
        }
    }

    private static (string Left, string Right)[] RandomPairs(int count)
    {
        var random = new Random(20260601);
        return [.. Enumerable.Range(0, count).Select(_ => NewPair())];

        (string, string) NewPair()
        {
            var left = Make();
            // Half of the pairs differ in one place only: that is where orders are subtle.
            var right = new StringBuilder(left);
            if (random.Next(2) == 0) right.Clear().Append(Make());
            else right.Insert(random.Next(left.IndexOf(':') + 2, left.Length + 1), "0~+.a1"[random.Next(6)]);
            return (left, right.ToString());
        }

        string Make()
        {
            var text = new StringBuilder(random.Next(4) == 0 ? $"{random.Next(3)}:" : "");
            text.Append(random.Next(12));
            for (var i = random.Next(6); i > 0; i--) text.Append("0019~~+..aZz"[random.Next(12)]);
            if (random.Next(2) == 0)
            {
                text.Append('-').Append("0129ab"[random.Next(6)]);
                for (var i = random.Next(4); i > 0; i--) text.Append("019~+.ab"[random.Next(8)]);
            }

            return text.ToString();
        }
    }

    private static async Task<string[]> RunAsync(string tool, string[] arguments, (string Left, string Right)[] pairs)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(string.Concat(pairs.Select(pair => $"{pair.Left} {pair.Right}\n")));
        process.StandardInput.Close();
        var text = await output;
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
