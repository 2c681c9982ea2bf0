using System.Diagnostics.CodeAnalysis;

namespace Packer.Debian;

/// <summary>A package version, ordered as dpkg orders versions (Debian Policy 5.6.12).</summary>
internal readonly struct DebianVersion : IComparable<DebianVersion>, IEquatable<DebianVersion>
{
    private readonly string? _value;
    private readonly int _upstream;
    private readonly int _revision;

    private DebianVersion(string value, int upstream, int revision) => (_value, _upstream, _revision) = (value, upstream, revision);

    private ReadOnlySpan<char> Epoch => _upstream == 0 ? [] : _value.AsSpan(0, _upstream - 1);

    private ReadOnlySpan<char> Upstream => _value.AsSpan(_upstream, (_revision == 0 ? _value?.Length ?? 0 : _revision - 1) - _upstream);

    private ReadOnlySpan<char> Revision => _revision == 0 ? [] : _value.AsSpan(_revision);

    /// <summary>The version of this text.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>: the text is no version.</exception>
    public static DebianVersion Parse(string text) => TryParse(text, out var version)
        ? version
        : throw new DebianException(DebianError.Damaged, $"'{text}' is not a package version: [epoch:]upstream[-revision], of letters, digits and . + - ~ :");

    /// <summary>The version of this text, where it is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DebianVersion version)
    {
        version = default;
        if (string.IsNullOrEmpty(text)) return false;
        var upstream = text.IndexOf(':') + 1;
        var revision = text.LastIndexOf('-') + 1;
        if (revision <= upstream) revision = 0;
        var candidate = new DebianVersion(text, upstream, revision);
        if (upstream > 0 && (candidate.Epoch.IsEmpty || candidate.Epoch.ContainsAnyExceptInRange('0', '9'))) return false;
        if (candidate.Upstream.IsEmpty || (revision > 0 && candidate.Revision.IsEmpty)) return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '+' or '-' or '~' or ':')) return false;
        if (candidate.Revision.Contains(':')) return false;
        version = candidate;
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(DebianVersion other)
    {
        var order = ComparePart(Epoch, other.Epoch);
        if (order == 0) order = ComparePart(Upstream, other.Upstream);
        return order != 0 ? order : ComparePart(Revision, other.Revision);
    }

    /// <inheritdoc/>
    public bool Equals(DebianVersion other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DebianVersion other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // Equal versions may be spelled differently (1.0 and 1.00-0): zeros do not count, and neither does what separates the parts.
        var hash = new HashCode();
        foreach (var c in _value ?? "")
            if (c is not ('0' or ':' or '-')) hash.Add(c);
        return hash.ToHashCode();
    }

    /// <summary>The version as it was written.</summary>
    public override string ToString() => _value ?? "";

    // Turns of a run of non-digits, compared by Order, and a run of digits, compared as a number of any length.
    private static int ComparePart(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (!left.IsEmpty || !right.IsEmpty)
        {
            int leftEnd = TextLength(left), rightEnd = TextLength(right);
            for (var i = 0; i < Math.Max(leftEnd, rightEnd); i++)
            {
                var order = Order(i < leftEnd ? left[i] : '\0') - Order(i < rightEnd ? right[i] : '\0');
                if (order != 0) return order;
            }

            left = left[leftEnd..];
            right = right[rightEnd..];
            ReadOnlySpan<char> leftNumber = left[..NumberLength(left)], rightNumber = right[..NumberLength(right)];
            left = left[leftNumber.Length..];
            right = right[rightNumber.Length..];
            leftNumber = leftNumber.TrimStart('0');
            rightNumber = rightNumber.TrimStart('0');
            var difference = leftNumber.Length != rightNumber.Length ? leftNumber.Length - rightNumber.Length : leftNumber.SequenceCompareTo(rightNumber);
            if (difference != 0) return difference;
        }

        return 0;
    }

    // The tilde sorts before everything, even before the end; letters before all other characters.
    private static int Order(char c) => c == '~' ? -1 : c == '\0' ? 0 : char.IsAsciiLetter(c) ? c : c + 256;

    private static int TextLength(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('0', '9') is var end && end < 0 ? text.Length : end;

    private static int NumberLength(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;
}
