using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Security;

namespace Packer.Communicators.Ssh;

/// <summary>
/// Asks an SSH agent for its keys and for signatures (RFC draft "SSH Agent Protocol", draft-ietf-sshm-ssh-agent, sections 3.5 and 3.6).
/// Each request has a connection of its own, so that an agent that asks a person may take its time.
/// </summary>
/// <param name="address">Path of the socket, or name of the pipe on Windows.</param>
internal sealed class SshAgent(string address)
{
    private const string SocketVariable = "SSH_AUTH_SOCK";
    private const string WindowsPipe = "openssh-ssh-agent";
    private const int LongestMessage = 256 * 1024;
    private const byte RequestIdentities = 11;
    private const byte IdentitiesAnswer = 12;
    private const byte SignRequest = 13;
    private const byte SignResponse = 14;

    /// <summary>The agent of the user who builds.</summary>
    /// <exception cref="PackerException">There is none.</exception>
    public static SshAgent OfUser()
    {
        var address = OperatingSystem.IsWindows() ? WindowsPipe : Environment.GetEnvironmentVariable(SocketVariable);
        if (!string.IsNullOrEmpty(address)) return new SshAgent(address);
        throw new PackerException(DiagnosticCodes.SshAgentUnusable, $"There is no SSH agent: the environment variable {SocketVariable} is not set. Start one with 'eval $(ssh-agent)' and add your key with 'ssh-add', or leave out SshAgentAuth.");
    }

    /// <summary>The keys that the agent holds, as the SSH library takes them.</summary>
    /// <exception cref="PackerException">The agent cannot be reached, or has none.</exception>
    public IReadOnlyList<IPrivateKeySource> Keys()
    {
        var answer = new AgentReader(Ask([RequestIdentities], IdentitiesAnswer));
        var keys = new List<IPrivateKeySource>();
        for (var left = answer.Number(); left > 0; left--)
        {
            var blob = answer.Text();
            answer.Text();
            keys.Add(new AgentKey(this, blob));
        }
        return keys.Count > 0 ? keys
            : throw new PackerException(DiagnosticCodes.SshAgentUnusable, $"The SSH agent at '{address}' holds no keys. Add one with 'ssh-add'.");
    }

    /// <summary>Lets the agent sign.</summary>
    private byte[] Sign(byte[] key, byte[] data, uint flags)
    {
        using var request = new MemoryStream();
        request.WriteByte(SignRequest);
        Write(request, key);
        Write(request, data);
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, flags);
        request.Write(number);
        return new AgentReader(Ask(request.ToArray(), SignResponse)).Text();
    }

    private byte[] Ask(byte[] request, byte expected)
    {
        try
        {
            using var stream = Open();
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(length, (uint)request.Length);
            stream.Write([.. length, .. request]);
            stream.ReadExactly(length);
            var size = BinaryPrimitives.ReadUInt32BigEndian(length);
            if (size is 0 or > LongestMessage) throw new InvalidDataException("its answer is malformed");
            var answer = new byte[size];
            stream.ReadExactly(answer);
            if (answer[0] != expected) throw new InvalidDataException("it refused");
            return answer[1..];
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidDataException or UnauthorizedAccessException or TimeoutException)
        {
            throw new PackerException(DiagnosticCodes.SshAgentUnusable, $"The SSH agent at '{address}' did not do what it was asked for: {exception.Message} Check it with 'ssh-add -l'.", exception);
        }
    }

    private Stream Open()
    {
        if (OperatingSystem.IsWindows())
        {
            var pipe = new NamedPipeClientStream(".", address, PipeDirection.InOut);
            pipe.Connect(TimeSpan.FromSeconds(5));
            return pipe;
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(address));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Write(MemoryStream stream, byte[] text)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)text.Length);
        stream.Write(length);
        stream.Write(text);
    }

    /// <summary>Reads the fields of an answer (RFC 4251, section 5).</summary>
    private sealed class AgentReader(byte[] answer)
    {
        private int position;

        public uint Number()
        {
            if (answer.Length - position < 4) throw Malformed();
            var number = BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(position));
            position += 4;
            return number;
        }

        public byte[] Text()
        {
            var length = Number();
            if (length > answer.Length - position) throw Malformed();
            var text = answer.AsSpan(position, (int)length).ToArray();
            position += (int)length;
            return text;
        }

        private static PackerException Malformed() =>
            new(DiagnosticCodes.SshAgentUnusable, "The answer of the SSH agent is malformed. Check it with 'ssh-add -l'.");
    }

    /// <summary>A key that stays in the agent.</summary>
    private sealed class AgentKey(SshAgent agent, byte[] blob) : IPrivateKeySource
    {
        /// <summary>RSA keys sign with SHA-2 only (RFC 8332); certificates and all other kinds in the one way that they have.</summary>
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms { get; } = Encoding.ASCII.GetString(new AgentReader(blob).Text()) switch
        {
            "ssh-rsa" => [new AgentAlgorithm(agent, "rsa-sha2-512", blob, 4), new AgentAlgorithm(agent, "rsa-sha2-256", blob, 2)],
            "ssh-rsa-cert-v01@openssh.com" => [new AgentAlgorithm(agent, "rsa-sha2-512-cert-v01@openssh.com", blob, 4)],
            var kind => [new AgentAlgorithm(agent, kind, blob, 0)],
        };
    }

    private sealed class AgentAlgorithm(SshAgent agent, string name, byte[] blob, uint flags) : HostAlgorithm(name)
    {
        public override byte[] Data => blob;

        public override byte[] Sign(byte[] data) => agent.Sign(blob, data, flags);

        public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException("An agent's key only signs.");
    }
}
