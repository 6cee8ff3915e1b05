using System.Net.Sockets;
using System.Text;
using Google.Protobuf;

namespace SettlementGrid.Faults.Writers;

/// <summary>
/// A call whose caller vanishes: JSON over HTTP/1.1, written byte by byte, so that the connection is reset anywhere in
/// it, between it and the answer, or in the answer.
/// </summary>
static class CutCall
{
    /// <summary>Sends the first bytes of a call, waits, reads the first bytes of the answer, and resets.</summary>
    /// <param name="sentShare">Of the call, 0 to 1.</param>
    /// <param name="answerBytes">Of the answer; 0: it is not waited for.</param>
    public static async Task MakeAsync(
        Uri server, string path, IMessage message, double sentShare, TimeSpan wait, int answerBytes)
    {
        var body = JsonFormatter.Default.Format(message);
        var call = Encoding.UTF8.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        using var client = new TcpClient { NoDelay = true, LingerState = new LingerOption(true, 0) };
        try
        {
            await client.ConnectAsync(server.Host, server.Port);
            await client.GetStream().WriteAsync(call.AsMemory(0, (int)(call.Length * sentShare)));
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait); // How far the server has come by then is what is tried.
            var answer = new byte[answerBytes];
            if (sentShare >= 1 && answerBytes > 0)
                _ = await client.GetStream().ReadAtLeastAsync(answer, answerBytes, throwOnEndOfStream: false);
        }
        catch (Exception broken) when (broken is IOException or SocketException)
        {
            // The server may end a call first that is cut in its head.
        }
    }
}
