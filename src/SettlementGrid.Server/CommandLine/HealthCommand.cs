using System.CommandLine;
using System.Net.Security;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>
/// `health`: whether the server on this machine settles, as an exit status and nothing else. For containers and load
/// balancers that ask every few seconds, in images that hold no curl; a person asks `status`.
/// </summary>
public sealed class HealthCommand
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(3);

    private readonly Option<int> _port =
        RunCommand.PortOption("--port", "the server's HTTP port 端口", RunSettings.DefaultPort);

    private readonly Option<bool> _tls = new("--tls")
    {
        Description = "the server was started with --tls-cert 服务使用证书",
    };

    public static Command Create()
    {
        var health = new HealthCommand();
        var command = new Command("health", "Exit status 0 if the server on this machine is ready, 1 if not. 健康检查");
        command.Options.Add(health._port);
        command.Options.Add(health._tls);
        command.SetAction((parsed, cancellation) =>
            AskAsync(parsed.GetValue(health._port), parsed.GetValue(health._tls), cancellation));
        return command;
    }

    private static async Task<int> AskAsync(int port, bool tls, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };

        // The certificate names the machine as others know it, not 127.0.0.1; nothing secret is asked or sent.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, wrong) =>
            !wrong.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable);
        using var client = new HttpClient(handler) { Timeout = AnswerMax };
        try
        {
            using var answer = await client.GetAsync(
                new Uri($"{(tls ? "https" : "http")}://127.0.0.1:{port}/healthz"), cancellation);
            return answer.IsSuccessStatusCode ? ExitCode.Fine : ExitCode.No;
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException
            && !cancellation.IsCancellationRequested)
        {
            return ExitCode.No;
        }
    }
}
