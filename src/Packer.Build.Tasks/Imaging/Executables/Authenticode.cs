using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Packer.Imaging;

/// <summary>
/// Signs programs for UEFI as Secure Boot wants it (Microsoft, "Windows Authenticode Portable Executable Signature Format"; UEFI specification, section 32.2.4):
/// SHA-256, and the form PKCS #7 1.5.
/// </summary>
internal static class Authenticode
{
    private const string SignedDataType = "1.2.840.113549.1.7.2";
    private const string IndirectDataType = "1.3.6.1.4.1.311.2.1.4";
    private const string ProgramDataType = "1.3.6.1.4.1.311.2.1.15";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const int EntryHeaderLength = 8;
    private const int EntryAlignment = 8;

    /// <summary>Adds a signature to a program that has none.</summary>
    /// <param name="program">The program.</param>
    /// <param name="certificate">The certificate of the signer, with its private RSA key.</param>
    /// <exception cref="ImagingException">This is no program for UEFI, or it is signed already.</exception>
    /// <exception cref="CryptographicException">The key cannot sign.</exception>
    public static SparseImage Sign(Source program, X509Certificate2 certificate)
    {
        var executable = PortableExecutable.Read(program);
        if (executable.Headers.Span.Slice(executable.CertificatesAt, 8).ContainsAnyExcept((byte)0)) throw new ImagingException("The program is signed already.");
        var signature = CreateSignature(ComputeHash(program, executable), certificate);
        var offset = Alignment.RoundUp(program.Length, EntryAlignment);
        var entry = new byte[Alignment.RoundUp(EntryHeaderLength + signature.Length, EntryAlignment)];
        // WIN_CERTIFICATE: length, revision 2.0, type PKCS #7.
        entry.AsSpan().PutUInt32(0, entry.Length);
        entry.AsSpan().PutUInt16(4, 0x0200);
        entry.AsSpan().PutUInt16(6, 0x0002);
        signature.CopyTo(entry.AsSpan(EntryHeaderLength));

        var headers = executable.Headers.ToArray();
        headers.AsSpan().PutUInt32(executable.CertificatesAt, offset);
        headers.AsSpan().PutUInt32(executable.CertificatesAt + 4, entry.Length);
        var signed = new SparseImage(offset + entry.Length);
        signed.Add(0, headers);
        signed.Add(headers.Length, program, headers.Length, program.Length - headers.Length);
        signed.Add(offset, entry);
        return signed;
    }

    /// <summary>The hash of a program that is signed: of all of it but its checksum, its signatures, and the place of these ("Calculating the PE Image Hash").</summary>
    /// <param name="program">The program.</param>
    /// <exception cref="ImagingException">This is no program for UEFI.</exception>
    public static byte[] ComputeHash(Source program) => ComputeHash(program, PortableExecutable.Read(program));

    private static byte[] ComputeHash(Source program, PortableExecutable executable)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var headers = executable.Headers.Span;
        hash.AppendData(headers[..executable.ChecksumAt]);
        hash.AppendData(headers[(executable.ChecksumAt + 4)..executable.CertificatesAt]);
        hash.AppendData(headers[(executable.CertificatesAt + 8)..]);
        long end = headers.Length;
        foreach (var section in executable.Sections.Where(section => section.Length > 0).OrderBy(section => section.Offset))
        {
            Append(section.Offset, section.Length);
            end += section.Length;
        }
        var certificates = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(headers[(executable.CertificatesAt + 4)..]);
        var rest = program.Length - certificates - end;
        if (rest > 0) Append(end, rest);
        // A signature begins on a multiple of eight; what fills up to there is signed too.
        var gap = Alignment.RoundUp(program.Length - certificates, EntryAlignment) - (program.Length - certificates);
        if (certificates == 0 && gap > 0) hash.AppendData(new byte[gap]);
        return hash.GetHashAndReset();

        void Append(long offset, long length)
        {
            if (offset + length > program.Length) throw new ImagingException("This is no program for UEFI: it is cut short.");
            program.AppendTo(hash, offset, length, CancellationToken.None);
        }
    }

    private static byte[] CreateSignature(byte[] hash, X509Certificate2 certificate)
    {
        var content = CreateContent(hash);
        // The signature is over the content without the tag and the length of its sequence (PKCS #7 1.5, section 9.3).
        var inner = new AsnReader(content, AsnEncodingRules.DER).ReadSequence();
        var signed = new SignedCms(new ContentInfo(new Oid(IndirectDataType), ReadAll(inner)), detached: true);
        signed.ComputeSignature(new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, certificate) { DigestAlgorithm = new Oid(Sha256), IncludeOption = X509IncludeOption.EndCertOnly });
        return Attach(signed.Encode(), content);
    }

    /// <summary>SpcIndirectDataContent: the hash, and that it is one of a program.</summary>
    private static byte[] CreateContent(byte[] hash)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(ProgramDataType);
                using (writer.PushSequence())
                {
                    writer.WriteBitString([]);
                    // SpcLink, choice "file", an empty SpcString: nothing looks at it.
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
                        writer.WriteOctetString([], new Asn1Tag(TagClass.ContextSpecific, 0));
                }
            }
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Sha256);
                    writer.WriteNull();
                }
                writer.WriteOctetString(hash);
            }
        }
        return writer.Encode();
    }

    /// <summary>
    /// Puts the content into a signature that is apart from it, and makes it one of the form PKCS #7 1.5: there the content is no octet string, and the version is 1.
    /// </summary>
    private static byte[] Attach(byte[] detached, byte[] content)
    {
        var outer = new AsnReader(detached, AsnEncodingRules.BER).ReadSequence();
        outer.ReadObjectIdentifier();
        var data = outer.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence();
        data.ReadInteger();
        var algorithms = data.ReadEncodedValue();
        data.ReadEncodedValue();

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(SignedDataType);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                writer.WriteEncodedValue(algorithms.Span);
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(IndirectDataType);
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) writer.WriteEncodedValue(content);
                }
                while (data.HasData) writer.WriteEncodedValue(data.ReadEncodedValue().Span);
            }
        }
        return writer.Encode();
    }

    private static byte[] ReadAll(AsnReader reader)
    {
        var bytes = new List<byte>();
        while (reader.HasData) bytes.AddRange(reader.ReadEncodedValue().Span);
        return [.. bytes];
    }
}
