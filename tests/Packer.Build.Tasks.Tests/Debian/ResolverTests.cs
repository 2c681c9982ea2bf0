using Packer.Debian;

namespace Packer.Tests.Debian;

[TestClass]
public sealed class ResolverTests
{
    [TestMethod]
    public void Closure_takes_both_kinds_of_dependencies_and_stands_cycles()
    {
        var catalog = Stanza.Catalog("""
            app 1; Depends: lib (>= 1), data; Pre-Depends: base
            lib 1.5; Depends: app
            data 1; Architecture: all
            base 1
            unrelated 1
            """);
        AssertChosen("app base data lib", catalog, "app");
    }

    [TestMethod]
    public void Newest_version_over_all_archives_wins_and_of_equals_the_first()
    {
        var catalog = Stanza.Catalog("a 1.0\nb 2", "a 1.2~rc1\nb 2", "a 1.10\na 1.9");
        Assert.AreEqual(("1.10", "trixie-2"), Version("a"));
        Assert.AreEqual(("2", "trixie"), Version("b"));

        (string, string) Version(string name) => catalog.Newest(name) is { } package ? (package.Entry.Version.ToString(), package.Archive.Suite) : default;
    }

    [TestMethod]
    public void Other_architectures_do_not_exist() =>
        DebianAssert.Fails(DebianError.Unsatisfiable, () => Resolve(Stanza.Catalog("a 1; Architecture: arm64"), "a"));

    [TestMethod]
    public void First_alternative_is_taken_unless_another_is_there_or_asked_for()
    {
        var catalog = Stanza.Catalog("""
            a 1; Depends: x | y
            b 1; Depends: y
            x 1
            y 1
            """);
        AssertChosen("a x", catalog, "a");
        AssertChosen("a b y", catalog, "b", "a");
        AssertChosen("a y", catalog, "a", "y");
    }

    [TestMethod]
    public void Alternative_whose_own_needs_fail_is_taken_back()
    {
        var catalog = Stanza.Catalog("""
            a 1; Depends: x | y
            x 1; Depends: half, nowhere
            half 1
            y 1
            """);
        AssertChosen("a y", catalog, "a");
    }

    [TestMethod]
    public void Alternative_in_conflict_with_the_chosen_is_passed_over()
    {
        var catalog = Stanza.Catalog("""
            a 1; Depends: z, x | y
            x 1; Conflicts: z
            y 1
            z 1
            """);
        AssertChosen("a y z", catalog, "a");
    }

    [TestMethod]
    public void Virtual_packages_are_provided_with_and_without_versions()
    {
        var catalog = Stanza.Catalog("""
            a 1; Depends: mta
            b 1; Depends: api (>= 2)
            c 1; Depends: api (>= 4)
            rare 1; Priority: extra; Provides: mta
            usual 1; Priority: standard; Provides: mta
            impl 1; Provides: api (= 3), mta
            loose 9; Provides: api
            """);
        AssertChosen("a usual", catalog, "a");
        AssertChosen("b impl", catalog, "b");
        AssertChosen("a b impl", catalog, "b", "a");
        DebianAssert.Fails(DebianError.Unsatisfiable, () => Resolve(catalog, "c"));
    }

    [TestMethod]
    public void Exclusions_count_as_present_and_are_left_out_with_what_they_provide()
    {
        var catalog = Stanza.Catalog("""
            a 1; Depends: debconf (>= 0.5) | debconf-2.0, b
            b 1; Depends: debconf-2.0
            debconf 1; Provides: debconf-2.0; Depends: perl
            perl 1
            """);
        CollectionAssert.AreEqual((string[])["a", "b"], Resolver.Resolve(catalog, ["a"], new HashSet<string> { "debconf" }).Select(package => package.Name).ToArray());
        DebianAssert.Fails(DebianError.Unsatisfiable, () => Resolver.Resolve(catalog, ["a"], new HashSet<string> { "a" }));
    }

    [TestMethod]
    public void Architecture_qualifiers_and_restrictions_are_understood()
    {
        var catalog = Stanza.Catalog("""
            a 1; Depends: python3:any, x [arm64], y [!arm64], z [amd64 i386] | w, v [linux-any] <!nocheck>, n:amd64
            python3 1
            v 1
            n 1
            y 1
            z 1
            """);
        AssertChosen("a n python3 v y z", catalog, "a");
        DebianAssert.Fails(DebianError.Unsatisfiable, () => Resolve(Stanza.Catalog("a 1; Depends: b:i386\nb 1"), "a"));
    }

    [TestMethod]
    public void Unsatisfiable_need_is_told_with_its_chain_and_what_there_is()
    {
        var catalog = Stanza.Catalog("""
            openssh-server 1; Depends: libpam0g (>= 1.0), transport
            libpam0g 1.5; Depends: libaudit1 (>= 9)
            libaudit1 3
            """);
        var message = DebianAssert.Fails(DebianError.Unsatisfiable, () => Resolve(catalog, "openssh-server")).Message;
        Assert.Contains("openssh-server → libpam0g (>= 1.0) → libaudit1 (>= 9)", message);
        Assert.Contains("libaudit1 3", message);

        message = DebianAssert.Fails(DebianError.Unsatisfiable, () => Resolve(catalog, "nothing-like-it")).Message;
        Assert.Contains("nothing-like-it", message);
        Assert.Contains("amd64", message);
    }

    [TestMethod]
    [DataRow("a 1; Depends: x, y\nx 1; Conflicts: y\ny 1")]
    [DataRow("a 1; Depends: x, y\nx 1\ny 1; Breaks: x (<< 2)")]
    [DataRow("a 1; Depends: x, y\nx 1; Conflicts: virtual\ny 1; Provides: virtual")]
    [DataRow("a 1; Depends: x, y\nx 1; Conflicts: virtual (<< 3)\ny 1; Provides: virtual (= 2)")]
    public void Conflict_is_told_with_both_chains(string packages)
    {
        var message = DebianAssert.Fails(DebianError.Conflict, () => Resolve(Stanza.Catalog(packages), "a")).Message;
        Assert.Contains("a → x", message);
        Assert.Contains("a → y", message);
    }

    [TestMethod]
    [DataRow("a 1; Depends: x, y\nx 1; Breaks: y (<< 1)\ny 1")]
    [DataRow("a 1; Depends: x, y\nx 1; Conflicts: virtual (<< 3)\ny 1; Provides: virtual")]
    [DataRow("a 1; Depends: x, y\nx 1; Conflicts: virtual; Provides: virtual\ny 1")]
    public void What_does_not_conflict_is_chosen(string packages) => AssertChosen("a x y", Stanza.Catalog(packages), "a");

    [TestMethod]
    public void Requests_may_have_versions_and_alternatives()
    {
        var catalog = Stanza.Catalog("a 2\nb 1");
        AssertChosen("a", catalog, "a (>= 2)");
        AssertChosen("b", catalog, "nope | b");
        DebianAssert.Fails(DebianError.Unsatisfiable, () => Resolve(catalog, "a (<< 2)"));
        DebianAssert.Fails(DebianError.Damaged, () => Resolve(catalog, "a b"));
    }

    [TestMethod]
    public void Chain_too_long_for_the_stack_is_an_error_and_not_a_crash()
    {
        var catalog = Stanza.Catalog(string.Join('\n', Enumerable.Range(0, 20_000).Select(i => $"p{i} 1; Depends: p{i + 1}")) + "\np20000 1");
        Assert.HasCount(900, Resolve(catalog, "p19101"));
        var message = DebianAssert.Fails(DebianError.Unsatisfiable, () => Resolve(catalog, "p0")).Message;
        Assert.Contains("p0 → p1 → p2", message);
        Assert.Contains("→ … →", message);
    }

    [TestMethod]
    public void Many_alternatives_that_all_fail_end_soon()
    {
        const int Levels = 25;
        var lines = Enumerable.Range(0, Levels).SelectMany(i => new[] { $"l{i} 1; Depends: l{i + 1} | r{i + 1}", $"r{i} 1; Depends: l{i + 1} | r{i + 1}" });
        var catalog = Stanza.Catalog(string.Join('\n', lines) + $"\nl{Levels} 1; Depends: nowhere\nr{Levels} 1; Depends: nowhere");
        DebianAssert.Fails(DebianError.Unsatisfiable, () => Resolve(catalog, "l0"));
    }

    [TestMethod]
    [DataRow("(>= 1)")]
    [DataRow("a (1)")]
    [DataRow("a (>= )")]
    [DataRow("a (=> 1)")]
    [DataRow("a (>= 1")]
    [DataRow("a [amd64")]
    [DataRow("a: (>= 1)")]
    [DataRow("a (>= 1) b")]
    [DataRow("a | | b")]
    [DataRow("-a")]
    public void Malformed_relations_are_refused(string text) => DebianAssert.Fails(DebianError.Damaged, () => Relation.ParseList(text, "amd64", "test"));

    [TestMethod]
    public void Relations_are_written_as_they_are_read()
    {
        const string Text = "a | b (>= 1:2-3), c:any (<< 4), d (= 5)";
        Assert.AreEqual(Text, string.Join(", ", Relation.ParseList(Text + ",", "amd64", "test")));
        Assert.AreEqual("a (<= 1), b (>= 2)", string.Join(", ", Relation.ParseList("a(< 1),b  ( >  2 )", "amd64", "test")));
    }

    private static IReadOnlyList<Package> Resolve(PackageCatalog catalog, params string[] names) => Resolver.Resolve(catalog, names, new HashSet<string>());

    private static void AssertChosen(string expected, PackageCatalog catalog, params string[] names) =>
        Assert.AreEqual(expected, string.Join(' ', Resolve(catalog, names).Select(package => package.Name).Order(StringComparer.Ordinal)));
}
