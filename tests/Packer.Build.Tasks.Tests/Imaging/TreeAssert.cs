using System.Text;
using Packer.Imaging;

namespace Packer.Tests.Imaging;

/// <summary>Compares trees.</summary>
internal static class TreeAssert
{
    /// <summary>Both have the same names, types, modes, owners, times, targets, devices, hard links, attributes and contents.</summary>
    public static void AreEqual(FileTree expected, FileTree actual, params string[] ignored)
    {
        var left = expected.Walk().Where(entry => !ignored.Contains(entry.Path)).ToList();
        var right = actual.Walk().Where(entry => !ignored.Contains(entry.Path)).ToList();
        CollectionAssert.AreEqual(left.Select(entry => entry.Path).ToList(), right.Select(entry => entry.Path).ToList());
        Dictionary<Node, Node> pairs = new(ReferenceEqualityComparer.Instance);
        foreach (var (first, second) in left.Zip(right))
        {
            if (pairs.TryGetValue(first.Node, out var known)) Assert.AreSame(known, second.Node, first.Path);
            else pairs.Add(first.Node, second.Node);
            Assert.AreEqual(Describe(first.Node), Describe(second.Node), first.Path);
            CompareContent(first.Node.Data, second.Node.Data, first.Path);
        }
    }

    private static string Describe(Node node)
    {
        var text = new StringBuilder($"{node.Type} {(int)node.Metadata.Mode} {node.Metadata.UserId}:{node.Metadata.GroupId} {node.Metadata.ModificationTime} {node.Device} {node.Data.Length} ");
        foreach (var character in node.Target) text.Append((int)character).Append(',');
        foreach (var (name, value) in node.ExtendedAttributes) text.Append($" {name}={Convert.ToHexString(value)}");
        return text.ToString();
    }

    private static void CompareContent(Source expected, Source actual, string path)
    {
        byte[] left = new byte[1 << 16], right = new byte[1 << 16];
        for (long offset = 0; offset < expected.Length; offset += left.Length)
        {
            var count = (int)Math.Min(left.Length, expected.Length - offset);
            expected.Read(offset, left.AsSpan(0, count));
            actual.Read(offset, right.AsSpan(0, count));
            if (!left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count))) Assert.Fail($"The contents of '{path}' differ from {offset} on.");
        }
    }
}
