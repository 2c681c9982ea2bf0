using System.Net.Sockets;
using System.Reflection;
using Renci.SshNet;

namespace Packer.Communicators.Ssh;

/// <summary>
/// Gets hold of the socket of a client. The library itself can be cancelled only until the server has named itself; closing the socket ends what it does
/// after that, in every phase. There is no public way to the socket, so the library's internal factories are wrapped; a test with a real server holds this.
/// </summary>
internal class SocketCapture : DispatchProxy
{
    private const string FactoryField = "_serviceFactory";
    private const string SocketFactoryMethod = "CreateSocketFactory";

    private object target = null!;
    private Action<Socket> captured = null!;

    /// <summary>Calls back with each socket that the client opens from now on, before it is connected.</summary>
    public static void Attach(BaseClient client, Action<Socket> captured)
    {
        var field = typeof(BaseClient).GetField(FactoryField, BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new InvalidOperationException($"The SSH library has no field '{FactoryField}' any more.");
        field.SetValue(client, Wrap(field.FieldType, field.GetValue(client)!, captured));
    }

    /// <inheritdoc />
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var result = targetMethod!.Invoke(target, BindingFlags.DoNotWrapExceptions, binder: null, args, culture: null);
        if (result is Socket socket) captured(socket);
        return targetMethod.Name == SocketFactoryMethod ? Wrap(targetMethod.ReturnType, result!, captured) : result;
    }

    private static object Wrap(Type type, object target, Action<Socket> captured)
    {
        var proxy = Create(type, typeof(SocketCapture));
        var capture = (SocketCapture)proxy;
        capture.target = target;
        capture.captured = captured;
        return proxy;
    }
}
