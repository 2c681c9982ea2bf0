using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Packer.Communicators.Ssh;

/// <summary>Makes of a <see cref="SshLogin"/> what the SSH library authenticates with.</summary>
internal static class SshAuthentication
{
    /// <summary>The ways to log in, in the order of trying: keys (the one of the settings, then the agent's), password, questions.</summary>
    /// <param name="login">Who logs in.</param>
    /// <param name="ask">Asks a person, for <see cref="SshLogin.Interactive"/>; null where nobody can be asked.</param>
    /// <exception cref="PackerException">A key or the agent cannot be used.</exception>
    public static AuthenticationMethod[] Methods(SshLogin login, Func<string, string>? ask)
    {
        var methods = new List<AuthenticationMethod>();
        var keys = new List<IPrivateKeySource>();
        if (login.PrivateKey is not null) keys.Add(ReadKey(login.PrivateKey, login.PrivateKeyName, login.Passphrase, login.CertificateFile));
        if (login.UseAgent) keys.AddRange(SshAgent.OfUser().Keys());
        if (keys.Count > 0) methods.Add(new PrivateKeyAuthenticationMethod(login.Username, [.. keys]));
        if (login.Password is { } password)
        {
            methods.Add(new PasswordAuthenticationMethod(login.Username, password));
            methods.Add(Answering(login.Username, _ => password));
        }
        else if (login.Interactive && ask is not null)
        {
            methods.Add(Answering(login.Username, ask));
        }
        // A server that lets everybody in is asked too; without any method the library refuses to try.
        if (methods.Count == 0) methods.Add(new NoneAuthenticationMethod(login.Username));
        return [.. methods];
    }

    /// <summary>Reads a private key.</summary>
    /// <param name="text">The key.</param>
    /// <param name="name">Where it comes from, for messages.</param>
    /// <param name="passphrase">What protects it, or null.</param>
    /// <param name="certificateFile">Its certificate, or null.</param>
    /// <exception cref="PackerException">The key or certificate cannot be used.</exception>
    public static PrivateKeyFile ReadKey(string text, string name, string? passphrase, string? certificateFile)
    {
        try
        {
            using var key = new MemoryStream(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n").TrimEnd() + "\n"));
            if (certificateFile is null) return new PrivateKeyFile(key, passphrase);
            using var certificate = File.OpenRead(certificateFile);
            return new PrivateKeyFile(key, passphrase, certificate);
        }
        catch (SshPassPhraseNullOrEmptyException exception)
        {
            throw new PackerException(DiagnosticCodes.SshKeyUnusable, $"The private key {name} is protected by a passphrase. Set SshPrivateKeyPassphrase, or use SshAgentAuth with an agent that holds the key.", exception);
        }
        catch (Exception exception) when (exception is not PackerException)
        {
            var certificate = certificateFile is null ? "" : $" or its certificate '{certificateFile}'";
            throw new PackerException(DiagnosticCodes.SshKeyUnusable, $"The private key {name}{certificate} cannot be used: {exception.Message} Keys in OpenSSH's, PKCS #1, PKCS #8 and PuTTY's format can; a wrong SshPrivateKeyPassphrase shows like this, too.", exception);
        }
    }

    private static KeyboardInteractiveAuthenticationMethod Answering(string username, Func<string, string> answer)
    {
        var method = new KeyboardInteractiveAuthenticationMethod(username);
        method.AuthenticationPrompt += (_, question) =>
        {
            foreach (var prompt in question.Prompts) prompt.Response = answer(prompt.Request);
        };
        return method;
    }
}
