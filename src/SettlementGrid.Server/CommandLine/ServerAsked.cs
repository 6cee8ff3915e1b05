using System.CommandLine;
using System.Net.Security;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>Which server of this machine a command asks, and the asking: `/healthz` on the loopback address.</summary>
public sealed class ServerAsked
{
    private readonly Option<int> _port =
        RunCommand.PortOption("--port", "the server's HTTP port 端口", RunSettings.DefaultPort);

    private readonly Option<bool> _tls = new("--tls")
    {
        Description = "the server was started with --tls-cert 服务使用证书",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_port);
        command.Options.Add(_tls);
    }

    /// <summary>The server's address.</summary>
    public Uri In(ParseResult parsed) =>
        new($"{(parsed.GetValue(_tls) ? "https" : "http")}://127.0.0.1:{parsed.GetValue(_port)}");

    /// <summary>Whether it settles, and its state in its own words; null: nobody answered in time.</summary>
    public static async Task<(bool Ready, string? State)> AskAsync(
        Uri server, TimeSpan patience, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };

        // The certificate names the machine as others know it, not 127.0.0.1; nothing secret is asked or sent.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, wrong) =>
            !wrong.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable);
        using var client = new HttpClient(handler) { Timeout = patience };
        try
        {
            using var answer = await client.GetAsync(new Uri(server, "/healthz"), cancellation);
            return (answer.IsSuccessStatusCode, (await answer.Content.ReadAsStringAsync(cancellation)).Trim());
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException
            && !cancellation.IsCancellationRequested)
        {
            return (false, null);
        }
    }
}
