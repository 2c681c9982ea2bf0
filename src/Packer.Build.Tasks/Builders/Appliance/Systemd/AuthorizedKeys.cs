using Packer.Imaging;

namespace Packer.Builders.Appliance.Systemd;

/// <summary>Who may log in to a machine that has an SSH server: root, with the keys of the settings, and nobody with a password.</summary>
internal static class AuthorizedKeys
{
    private const string Folder = "/root/.ssh";
    private const string ServerSettings = "/etc/ssh/sshd_config.d/image.conf";

    // sshd(8), "AUTHORIZED_KEYS FILE FORMAT".
    private static readonly string[] Kinds =
    [
        "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ecdsa-sha2-nistp256@openssh.com", "sk-ssh-ed25519@openssh.com", "ssh-ed25519", "ssh-rsa",
    ];

    /// <summary>Whether a text is a line of authorized_keys: a key, with options before it and a comment after it.</summary>
    public static bool IsKey(string text)
    {
        var words = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var kind = Array.FindIndex(words, word => Kinds.Contains(word, StringComparer.Ordinal));
        return kind >= 0 && kind + 1 < words.Length && !text.Any(char.IsControl) && IsBlob(words[kind + 1], words[kind]);
    }

    /// <summary>Writes the keys and the settings of the server, where there is one.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="config">The settings.</param>
    /// <param name="hasServer">Whether a package of the image is an SSH server.</param>
    /// <exception cref="PackerException"><see cref="DiagnosticCodes.WrongValue"/>: a file holds no key. <see cref="DiagnosticCodes.ConflictingKeys"/>: there is no server.</exception>
    public static void AddTo(MachineState machine, ApplianceConfig config, bool hasServer)
    {
        var keys = config.AuthorizedKeys.Concat(config.AuthorizedKeyFiles.SelectMany(Read)).Select(key => key.Trim()).Distinct(StringComparer.Ordinal).ToList();
        if (!hasServer)
        {
            if (keys.Count > 0) throw new PackerException(DiagnosticCodes.ConflictingKeys,
                $"AuthorizedKeys say who may log in by SSH, but the image has no SSH server. Add '{SystemdPackages.SshServer}' to Packages, or remove the keys.");
            return;
        }
        // The first value of a setting counts, and sshd reads this folder first (sshd_config(5)).
        machine.Tree.AddFile(ServerSettings, "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n", machine.Metadata(644));
        if (keys.Count == 0) return;
        machine.Tree.AddDirectory(Folder, machine.Metadata(700));
        machine.Tree.AddFile(Folder + "/authorized_keys", string.Concat(keys.Select(key => key + "\n")), machine.Metadata(600));
    }

    private static IEnumerable<string> Read(string path)
    {
        string[] lines;
        try
        {
            lines = System.IO.File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackerException(DiagnosticCodes.WrongValue, $"The file of public keys '{path}' cannot be read: {exception.Message} Correct AuthorizedKeyFiles.", exception);
        }
        var keys = lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').ToList();
        if (keys.Count == 0 || keys.Find(key => !IsKey(key)) is not null)
            throw new PackerException(DiagnosticCodes.WrongValue, $"'{path}' is no file of public SSH keys. Name one that ssh-keygen has made, such as 'id_ed25519.pub', in AuthorizedKeyFiles.");
        return keys;
    }

    // A key begins with the name of its kind (RFC 4253, section 6.6).
    private static bool IsBlob(string text, string kind)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length > 4 + kind.Length && bytes.AsSpan(4, kind.Length).SequenceEqual(System.Text.Encoding.ASCII.GetBytes(kind));
    }
}
