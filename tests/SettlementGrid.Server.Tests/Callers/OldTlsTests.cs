using System.Net.Sockets;
using SettlementGrid.Server.Tests.Running;

namespace SettlementGrid.Server.Tests.Callers;

/// <summary>
/// Which versions of TLS are spoken, asked with a ClientHello written by hand: a library of today would not ask for the
/// old ones at all.
/// </summary>
[Collection(SharedPostgresTests.Name)]
public sealed class OldTlsTests(SharedPostgres shared) : IAsyncLifetime
{
    private const byte Alert = 21;
    private const byte Handshake = 22;
    private const byte ProtocolVersion = 70;

    private KeyedServer _server = null!;

    public async Task InitializeAsync() => _server = await KeyedServer.StartAsync(shared, requireKeys: true);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Versions_before_TLS_1_2_are_refused_by_an_alert(byte minor)
    {
        var answer = await GreetAsync(minor);

        Assert.Equal((Alert, ProtocolVersion), (answer[0], answer[6]));
    }

    [Fact]
    public async Task TLS_1_2_is_spoken() => Assert.Equal(Handshake, (await GreetAsync(3))[0]);

    /// <summary>The first bytes of the server's answer to a client that knows no newer version than 3.minor.</summary>
    private async Task<byte[]> GreetAsync(byte minor)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _server.Http.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(ClientHello(minor));
        var answer = new byte[7];
        await stream.ReadExactlyAsync(answer);
        return answer;
    }

    // RFC 5246, 7.4.1.2, with AES suites that every version has and those of TLS 1.2.
    private static byte[] ClientHello(byte minor)
    {
        byte[] suites =
            [0xc0, 0x2b, 0xc0, 0x2c, 0xc0, 0x2f, 0xc0, 0x30, 0xc0, 0x09, 0xc0, 0x0a, 0xc0, 0x13, 0xc0, 0x14, 0, 0x2f];
        byte[] groups = [0, 10, 0, 6, 0, 4, 0, 29, 0, 23];
        byte[] points = [0, 11, 0, 2, 1, 0];
        byte[] signatures = [0, 13, 0, 10, 0, 8, 4, 3, 4, 1, 8, 4, 5, 1];
        byte[] extensions = [.. groups, .. points, .. signatures];
        byte[] hello =
        [
            3, minor, .. Enumerable.Repeat((byte)7, 32), 0, 0, (byte)suites.Length, .. suites, 1, 0,
            0, (byte)extensions.Length, .. extensions,
        ];
        return [Handshake, 3, minor, 0, (byte)(hello.Length + 4), 1, 0, 0, (byte)hello.Length, .. hello];
    }
}
