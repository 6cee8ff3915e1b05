using System.Net.Sockets;

namespace SettlementGrid.Testbed.Proxying;

/// <summary>One client's line through the proxy.</summary>
sealed class ProxyLine(DatabaseProxy proxy, TcpClient client, TcpClient server, CancellationToken stop)
{
    readonly ClientMessages _messages = new(DatabaseProxy.CommitStatement);
    volatile bool _swallows;
    volatile bool _silent;

    /// <summary>Runs until one side or the proxy has had enough.</summary>
    public Task RunAsync() => Task.WhenAny(AnswersAsync(), RequestsAsync());

    public void Cut()
    {
        client.Close();
        server.Close();
    }

    async Task RequestsAsync()
    {
        var buffer = new byte[1 << 16];
        while (await client.GetStream().ReadAsync(buffer, stop) is > 0 and var length)
        {
            await proxy.OpenAsync(stop);
            var mishap = proxy.Take(_messages.Bind(buffer.AsSpan(0, length)));
            if (_silent)
                continue;
            if (mishap == Mishap.LoseReply)
                _swallows = true;
            if (mishap == Mishap.LoseRequest)
                return;
            await server.GetStream().WriteAsync(buffer.AsMemory(0, length), stop);
            if (mishap == Mishap.FallSilent)
                _silent = true;
            if (mishap == Mishap.CutWhileAtWork)
            {
                client.Close();
                // The server's side stays open until it has answered, as it would behind a dead router.
                _ = await server.GetStream().ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, stop);
                return;
            }
        }
    }

    async Task AnswersAsync()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (await server.GetStream().ReadAsync(buffer, stop) is > 0 and var length)
            {
                await proxy.OpenAsync(stop);
                if (_swallows)
                    return;
                if (!_silent)
                    await client.GetStream().WriteAsync(buffer.AsMemory(0, length), stop);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The client's side was cut; the requests' side ends the line.
            await Task.Delay(Timeout.Infinite, stop);
        }
    }
}
