using System.Net.Sockets;
using System.Text;

namespace SettlementGrid.Server.Composition;

/// <summary>
/// Tells the service manager that started this process how far it is (systemd's notification protocol: datagrams to the
/// socket named by NOTIFY_SOCKET), so that `systemctl restart` returns when settlements can be taken, and a rolling
/// restart is a loop over it. Without such a manager nothing is sent. Written here because the library for it is not to
/// be had everywhere this must build.
/// </summary>
public static class ServiceNotice
{
    private const string Variable = "NOTIFY_SOCKET";

    public static void Ready(Action<string> say) => Send("READY=1\nSTATUS=settling\n", say);

    public static void Stopping(Action<string> say) => Send("STOPPING=1\nSTATUS=finishing calls under way\n", say);

    private static void Send(string notice, Action<string> say)
    {
        if (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable(Variable) is not { Length: > 1 } path)
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

            // A name that begins with @ is no file but lives in Linux's abstract namespace.
            var address = new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path);
            socket.SendTo(Encoding.UTF8.GetBytes(notice), address);
        }
        catch (SocketException failed)
        {
            // The server settles all the same; the manager will give up on it after its own time.
            say($"the service manager at {path} cannot be told: {failed.Message}");
        }
    }
}
