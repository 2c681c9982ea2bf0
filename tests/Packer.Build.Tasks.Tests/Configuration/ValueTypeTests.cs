using Packer.Configuration;

namespace Packer.Tests.Configuration;

[TestClass]
public sealed class ValueTypeTests
{
    [TestMethod]
    [DataRow("0", 0L)]
    [DataRow("1073741824", 1073741824L)]
    [DataRow("40G", 40L << 30)]
    [DataRow("512M", 512L << 20)]
    [DataRow("10 GiB", 10L << 30)]
    [DataRow("10gb", 10L << 30)]
    [DataRow("1.5K", 1536L)]
    [DataRow("0.25T", 1L << 38)]
    [DataRow(" 7B ", 7L)]
    [DataRow("9223372036854775807", long.MaxValue)]
    public void Sizes_are_read(string text, long bytes) => Assert.AreEqual(bytes, ByteSize.Parse(text).Bytes);

    [TestMethod]
    [DataRow("")]
    [DataRow("G")]
    [DataRow("-1")]
    [DataRow("0.3")]
    [DataRow("1.0001K")]
    [DataRow("1..5K")]
    [DataRow(".5K")]
    [DataRow("5.K")]
    [DataRow("40P")]
    [DataRow("40Gi")]
    [DataRow("1,5K")]
    [DataRow("9223372036854775808")]
    [DataRow("8388608T")]
    [DataRow("99999999999999999999999999999999999999999999")]
    [DataRow("0x10")]
    public void What_is_no_size_is_refused(string text)
    {
        Assert.IsFalse(ByteSize.TryParse(text, out _));
        Assert.ThrowsExactly<FormatException>(() => ByteSize.Parse(text));
    }

    [TestMethod]
    [DataRow("40G", "40G")]
    [DataRow("1024", "1K")]
    [DataRow("1000", "1000")]
    [DataRow("2048G", "2T")]
    [DataRow("2048T", "2048T")]
    [DataRow("0", "0")]
    public void Sizes_are_shown_short(string text, string shown) => Assert.AreEqual(shown, ByteSize.Parse(text).ToString());

    [TestMethod]
    [DataRow("0", 0)]
    [DataRow("1m30s", 90_000)]
    [DataRow("1.5h", 5_400_000)]
    [DataRow("300ms", 300)]
    [DataRow("-2s", -2000)]
    [DataRow("+1h2m3s4ms", 3723004)]
    [DataRow(".5s", 500)]
    [DataRow("1.s", 1000)]
    [DataRow("2000us", 2)]
    [DataRow("2000µs", 2)]
    [DataRow("2000μs", 2)]
    [DataRow("3000000ns", 3)]
    [DataRow("00:01:30", 90_000)]
    [DataRow("1.00:00:00", 86_400_000)]
    public void Durations_are_read(string text, double milliseconds)
    {
        Assert.IsTrue(DurationFormat.TryParse(text, out var duration));
        Assert.AreEqual(milliseconds, duration.TotalMilliseconds);
        Assert.IsTrue(DurationFormat.TryParse(DurationFormat.Format(duration), out var again));
        Assert.AreEqual(duration, again);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("5")]
    [DataRow("1.5")]
    [DataRow("s")]
    [DataRow("-")]
    [DataRow("5 s")]
    [DataRow("5S")]
    [DataRow("5d")]
    [DataRow("1m30")]
    [DataRow("--5s")]
    [DataRow("1.2.3s")]
    [DataRow("9999999999999h")]
    [DataRow("1:2:3:4:5")]
    public void What_is_no_duration_is_refused(string text) => Assert.IsFalse(DurationFormat.TryParse(text, out _));

    [TestMethod]
    [DataRow("1h0m30s", "1h30s")]
    [DataRow("90s", "1m30s")]
    [DataRow("1500ms", "1.5s")]
    [DataRow("1500us", "1.5ms")]
    [DataRow("100ns", "0.0001ms")]
    [DataRow("0", "0s")]
    [DataRow("-90s", "-1m30s")]
    [DataRow("1.00:00:00", "24h")]
    public void Durations_have_one_canonical_text(string text, string canonical)
    {
        DurationFormat.TryParse(text, out var duration);
        Assert.AreEqual(canonical, DurationFormat.Format(duration));
    }

    [TestMethod]
    public void The_longest_durations_survive_their_text()
    {
        foreach (var duration in new[] { TimeSpan.MaxValue, new TimeSpan(1) })
        {
            Assert.IsTrue(DurationFormat.TryParse(DurationFormat.Format(duration), out var again), DurationFormat.Format(duration));
            Assert.AreEqual(duration, again);
        }
    }

    [TestMethod]
    [DataRow("IsoUrl", "iso_url")]
    [DataRow("ISOUrl", "iso_url")]
    [DataRow("isoUrl", "iso_url")]
    [DataRow("iso_url", "iso_url")]
    [DataRow("Http2Port", "http2_port")]
    [DataRow("Sha256", "sha256")]
    [DataRow("SSHKeyID", "ssh_key_id")]
    [DataRow("Iso_Url", "iso_url")]
    [DataRow("X", "x")]
    [DataRow("", "")]
    public void Names_become_keys(string name, string key) => Assert.AreEqual(key, KeyName.ToSnakeCase(name));

    [TestMethod]
    [DataRow("IsoUlr", "IsoUrl")]
    [DataRow("isoUlr", "isoUrl")]
    [DataRow("iso_ulr", "iso_url")]
    public void A_key_is_spelt_as_the_user_spells(string written, string shown) => Assert.AreEqual(shown, KeyName.InStyleOf(written, "iso_url"));

    [TestMethod]
    [DataRow("iso_ulr", "iso_url")]
    [DataRow("MEMROY", "memory")]
    [DataRow("memoryy", "memory")]
    [DataRow("ssh_user", "ssh_username")]
    [DataRow("qemo", "qemu")]
    [DataRow("zzz", null)]
    [DataRow("m", null)]
    [DataRow("", null)]
    public void The_nearest_word_is_found(string word, string? nearest) =>
        Assert.AreEqual(nearest, Suggestion.Nearest(word, ["iso_url", "iso_urls_extra", "memory", "ssh_username", "ssh_port", "qemu"]));

    [TestMethod]
    public void Of_equally_near_words_the_first_in_order_is_taken()
    {
        Assert.AreEqual("cat", Suggestion.Nearest("bat", ["rat", "cat", "hat"]));
        Assert.IsNull(Suggestion.Nearest(new string('a', 10_000), [new string('a', 9_999)]));
    }

    [TestMethod]
    [DataRow("web", "web", true)]
    [DataRow("web", "WEB", true)]
    [DataRow("web", "web2", false)]
    [DataRow("w*", "web", true)]
    [DataRow("*b", "web", true)]
    [DataRow("*", "", true)]
    [DataRow("w?b", "web", true)]
    [DataRow("w?b", "wb", false)]
    [DataRow("*a*b*c*", "xxaxxbxxc", true)]
    [DataRow("*a*b*c*d", "xxaxxbxxc", false)]
    [DataRow("", "", true)]
    [DataRow("", "a", false)]
    [DataRow("a.c", "abc", false)]
    public void Patterns_match(string pattern, string name, bool matches) => Assert.AreEqual(matches, new NamePattern(pattern).Matches(name));

    [TestMethod]
    [Timeout(10_000, CooperativeCancellation = true)]
    public void A_hard_pattern_takes_no_time() =>
        Assert.IsFalse(new NamePattern(string.Concat(Enumerable.Repeat("a*", 500)) + "b").Matches(new string('a', 5000)));

    [TestMethod]
    public void Pattern_lists_are_split()
    {
        var patterns = NamePattern.ParseList(" web ;; db* ");
        Assert.AreEqual("web,db*", string.Join(',', patterns));
        Assert.IsTrue(NamePattern.MatchesAny(patterns, "db2"));
        Assert.IsFalse(NamePattern.MatchesAny(patterns, "cache"));
        Assert.IsEmpty(NamePattern.ParseList(null));
    }

    [TestMethod]
    public void Text_is_split_before_it_is_unescaped()
    {
        CollectionAssert.AreEqual(new[] { "a", "b;c", "100%", "%zz" }, ConfigText.FromEscaped(" a ;; b%3Bc ; 100%25;%zz").SplitList());
        CollectionAssert.AreEqual(new[] { "a;b%3B" }, ConfigText.FromLiteral("a;b%3B").SplitList());
        var map = ConfigText.FromEscaped("a = 1=2 ;b=;c;d%3De=x%3By").SplitMap();
        CollectionAssert.AreEqual(
            new KeyValuePair<string, string?>[] { new("a", "1=2"), new("b", ""), new("c", null), new("d=e", "x;y") }, map);
        Assert.AreEqual("a;b\n%", ConfigText.FromEscaped("a%3bb%0A%").Unescape());
        Assert.DoesNotContain("secret", ConfigText.FromEscaped("secret").ToString());
    }
}
