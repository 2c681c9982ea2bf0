using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Packer.Debian;

/// <summary>
/// The packages of one index, looked up by name. It lives in one array of bytes that is also its form in the cache, so that a warm start reads
/// that file, checks its digest, and decodes only the packages that are asked for.
/// </summary>
/// <remarks>
/// The form: magic (8 bytes); the numbers of packages, provided names and essential packages and the length of the records (4 × 4); the records'
/// offsets ordered by name (4 each); the provided names ordered by name (offset and length of the name, offset of the record: 12 each); the
/// offsets of essential packages (4 each); the records; the SHA-256 of all before. All numbers are little-endian. A record is: the digest (32),
/// the size (8), the essential flag (1), and the stored <see cref="PackageField"/>s, each a length (3 bytes) and UTF-8 bytes.
/// </remarks>
internal sealed class PackageIndex
{
    /// <summary>Changes with the form, and belongs into the key of a cached index.</summary>
    public const string FormatVersion = "1";

    private const int HeaderLength = 24;
    private const int RecordHeaderLength = Sha256Digest.Length + 8 + 1;
    private const int ProvideLength = 12;
    private const int MaximumLength = 1 << 30;

    private readonly byte[] _image;
    private readonly int _provides;
    private readonly int _essentials;
    private readonly int _records;

    private PackageIndex(byte[] image)
    {
        _image = image;
        Count = Number(8);
        _provides = checked(HeaderLength + (Count * 4));
        _essentials = checked(_provides + (Number(12) * ProvideLength));
        _records = checked(_essentials + (Number(16) * 4));
    }

    private static ReadOnlySpan<byte> Magic => "PKRDEBI1"u8;

    /// <summary>The number of packages.</summary>
    public int Count { get; }

    /// <summary>The names of the essential packages (Debian Policy 3.8), in ordinal order.</summary>
    public IReadOnlyList<string> EssentialNames
    {
        get
        {
            var names = new SortedSet<string>(StringComparer.Ordinal);
            for (var i = _essentials; i < _records; i += 4) names.Add(Encoding.UTF8.GetString(NameOf(Number(i))));
            return [.. names];
        }
    }

    /// <summary>The packages of this name: several where an index lists several versions.</summary>
    public IEnumerable<IndexedPackage> Find(string name)
    {
        var key = Encoding.UTF8.GetBytes(name);
        for (var i = First(Count, entry => NameOf(Number(HeaderLength + (entry * 4))), key); i < Count; i++)
        {
            var record = Number(HeaderLength + (i * 4));
            if (!NameOf(record).SequenceEqual(key)) yield break;
            yield return Decode(record);
        }
    }

    /// <summary>The packages whose field Provides has this name.</summary>
    public IEnumerable<IndexedPackage> FindProviders(string name)
    {
        var key = Encoding.UTF8.GetBytes(name);
        var count = (_essentials - _provides) / ProvideLength;
        for (var i = First(count, ProvidedName, key); i < count && ProvidedName(i).SequenceEqual(key); i++)
            yield return Decode(Number(_provides + (i * ProvideLength) + 8));
    }

    /// <summary>Reads an index from the stream of a Packages file.</summary>
    /// <exception cref="DebianException"><see cref="DebianError.Damaged"/>, or what the stream throws.</exception>
    public static PackageIndex Build(Stream packages, string where, CancellationToken token)
    {
        var parser = new PackagesParser(packages, where);
        var records = new MemoryStream();
        var packageOffsets = new List<int>();
        var essentialOffsets = new List<int>();
        var provides = new List<(int Start, int Length, int Record)>();
        Span<byte> header = stackalloc byte[RecordHeaderLength];
        Span<byte> length = stackalloc byte[4];
        while (parser.Next())
        {
            token.ThrowIfCancellationRequested();
            var record = (int)records.Length;
            packageOffsets.Add(record);
            var essential = parser[PackageField.Essential].SequenceEqual("yes"u8);
            if (essential) essentialOffsets.Add(record);
            parser.Sha256.CopyTo(header);
            BinaryPrimitives.WriteInt64LittleEndian(header[Sha256Digest.Length..], parser.Size);
            header[^1] = essential ? (byte)1 : (byte)0;
            records.Write(header);
            for (var field = (PackageField)0; field < PackageField.FirstUnstored; field++)
            {
                var value = parser[field];
                BinaryPrimitives.WriteInt32LittleEndian(length, value.Length);
                records.Write(length[..3]);
                if (field == PackageField.Provides) AddProvides(provides, value, (int)records.Length, record);
                records.Write(value);
            }

            if (records.Length > MaximumLength) throw DebianException.Damaged(where, $"its fields are longer than {MaximumLength} bytes");
        }

        return Assemble(records.GetBuffer(), (int)records.Length, packageOffsets, provides, essentialOffsets);
    }

    /// <summary>The form for the cache.</summary>
    public ReadOnlyMemory<byte> Image => _image;

    /// <summary>An index from its form in the cache, or null where the bytes are damaged or of another version of the form.</summary>
    public static PackageIndex? TryRead(byte[] image)
    {
        var end = image.Length - Sha256Digest.Length;
        if (end < HeaderLength || !image.AsSpan().StartsWith(Magic)) return null;
        return SHA256.HashData(image.AsSpan(0, end)).AsSpan().SequenceEqual(image.AsSpan(end)) ? new PackageIndex(image) : null;
    }

    private static PackageIndex Assemble(byte[] records, int recordsLength, List<int> packages, List<(int Start, int Length, int Record)> provides, List<int> essentials)
    {
        // Equal names keep the order of the file.
        packages.Sort((left, right) => NameOf(records, left).SequenceCompareTo(NameOf(records, right)) is var order && order != 0 ? order : left - right);
        provides.Sort((left, right) => records.AsSpan(left.Start, left.Length).SequenceCompareTo(records.AsSpan(right.Start, right.Length)) is var order && order != 0
            ? order
            : left.Record - right.Record);
        var image = new byte[checked(HeaderLength + (packages.Count * 4) + (provides.Count * ProvideLength) + (essentials.Count * 4) + recordsLength + Sha256Digest.Length)];
        Magic.CopyTo(image);
        var position = Magic.Length;
        foreach (var number in (int[])[packages.Count, provides.Count, essentials.Count, recordsLength, .. packages]) Write(number);
        foreach (var (start, length, record) in provides)
        {
            Write(start);
            Write(length);
            Write(record);
        }

        foreach (var offset in essentials) Write(offset);
        records.AsSpan(0, recordsLength).CopyTo(image.AsSpan(position));
        position += recordsLength;
        SHA256.HashData(image.AsSpan(0, position), image.AsSpan(position));
        return new PackageIndex(image);

        void Write(int number)
        {
            BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(position), number);
            position += 4;
        }
    }

    // "name (= 1), other": the names, as ranges of the records.
    private static void AddProvides(List<(int Start, int Length, int Record)> provides, ReadOnlySpan<byte> value, int valueStart, int record)
    {
        foreach (var range in value.Split((byte)','))
        {
            var element = value[range];
            var name = element.TrimStart(" \t"u8);
            var start = valueStart + range.Start.GetOffset(value.Length) + element.Length - name.Length;
            var end = name.IndexOfAny(" \t(:"u8);
            if (end >= 0) name = name[..end];
            if (!name.IsEmpty) provides.Add((start, name.Length, record));
        }
    }

    private static ReadOnlySpan<byte> NameOf(byte[] image, int record) => FieldAt(image, record + RecordHeaderLength, out _);

    private static ReadOnlySpan<byte> FieldAt(byte[] image, int position, out int next)
    {
        var length = image[position] | (image[position + 1] << 8) | (image[position + 2] << 16);
        next = position + 3 + length;
        return image.AsSpan(position + 3, length);
    }

    private delegate ReadOnlySpan<byte> NameOfEntry(int entry);

    // The first of the sorted entries whose name is not before the key.
    private static int First(int count, NameOfEntry name, ReadOnlySpan<byte> key)
    {
        int low = 0, high = count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (name(middle).SequenceCompareTo(key) < 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private int Number(int position) => BinaryPrimitives.ReadInt32LittleEndian(_image.AsSpan(position));

    private ReadOnlySpan<byte> NameOf(int record) => NameOf(_image, _records + record);

    private ReadOnlySpan<byte> ProvidedName(int entry)
    {
        var position = _provides + (entry * ProvideLength);
        return _image.AsSpan(_records + Number(position), Number(position + 4));
    }

    private IndexedPackage Decode(int record)
    {
        var start = _records + record;
        var values = new string[(int)PackageField.FirstUnstored];
        var next = start + RecordHeaderLength;
        for (var i = 0; i < values.Length; i++) values[i] = Encoding.UTF8.GetString(FieldAt(_image, next, out next));
        return new IndexedPackage
        {
            Name = values[(int)PackageField.Package],
            Version = DebianVersion.Parse(values[(int)PackageField.Version]),
            Architecture = values[(int)PackageField.Architecture],
            Filename = values[(int)PackageField.Filename],
            Source = values[(int)PackageField.Source],
            PreDepends = values[(int)PackageField.PreDepends],
            Depends = values[(int)PackageField.Depends],
            Provides = values[(int)PackageField.Provides],
            Conflicts = values[(int)PackageField.Conflicts],
            Breaks = values[(int)PackageField.Breaks],
            Priority = values[(int)PackageField.Priority],
            Sha256 = Sha256Digest.Format(_image.AsSpan(start, Sha256Digest.Length)),
            Size = BinaryPrimitives.ReadInt64LittleEndian(_image.AsSpan(start + Sha256Digest.Length)),
            Essential = _image[start + RecordHeaderLength - 1] != 0,
        };
    }
}
