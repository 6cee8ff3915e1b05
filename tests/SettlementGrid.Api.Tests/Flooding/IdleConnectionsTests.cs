using System.Net.Sockets;
using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Hostile.Wire;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests.Flooding;

/// <summary>Connections that ask nothing, on a real Kestrel; the guard's clock stands until it is moved.</summary>
public sealed class IdleConnectionsTests : IAsyncLifetime, IDisposable
{
    private readonly CancellationTokenSource _over = new(TimeSpan.FromSeconds(30));
    private readonly ManualClock _clock = new();
    private readonly List<RawConnection> _idle = [];
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(guardClock: _clock);

    public async Task DisposeAsync()
    {
        Assert.Empty(_host.Log.Errors);
        await _host.DisposeAsync();
    }

    public void Dispose()
    {
        _idle.ForEach(one => one.Dispose());
        _over.Dispose();
    }

    [Fact]
    public async Task Who_shares_an_address_with_idle_ones_is_let_in_when_the_oldest_has_had_its_chance()
    {
        var (grpc, json) = (_host.Grpc, _host.Http1);
        await HealthyAsync(grpc);
        Assert.Equal("passed through", await json.GetStringAsync(new Uri("/", UriKind.Relative)));
        await HoldAsync(FloodLimits.SilentMax);

        using var neighbour = new GrpcClient(grpc.Http.BaseAddress!);
        var waiting = HealthyAsync(neighbour);
        await _clock.WhenTimerIsSetAsync(FloodLimits.SilentChance).WaitAsync(_over.Token);
        Assert.False(waiting.IsCompleted);
        Assert.Equal(0, _host.Guard.ClosedCount);
        _clock.Advance(FloodLimits.SilentChance);
        await waiting;

        Assert.Equal(1, _host.Guard.ClosedCount);
        await HealthyAsync(neighbour);
        // Those that were answered before are as they were, on the connections that they had.
        await HealthyAsync(grpc);
        Assert.Equal("passed through", await json.GetStringAsync(new Uri("/", UriKind.Relative)));
        Assert.Equal(FloodLimits.SilentMax - 1, _host.Guard.NewcomersCount);
    }

    [Fact]
    public async Task Pings_and_settings_are_no_answers()
    {
        await HoldAsync(1);
        await _idle[0].SendAsync(Frames.Frame(Frames.Ping, 0, 0, new byte[8]), _over.Token);
        await _idle[0].SendAsync(Frames.SettingsOf(), _over.Token);
        await HealthyAsync(_host.Grpc);

        Assert.Equal(1, _host.Guard.NewcomersCount);
    }

    [Fact]
    public async Task Nothing_is_kept_of_connections_that_ended()
    {
        await HoldAsync(20);
        await HealthyAsync(_host.Grpc);
        _idle.ForEach(one => one.Dispose());

        await UntilAsync(0);
    }

    [Fact]
    public async Task Who_never_sends_a_byte_is_closed_when_a_connection_may_be_idle_no_longer()
    {
        _idle.Add(await RawConnection.OpenAsync(_host.Grpc.Http.BaseAddress!, _over.Token));
        await _clock.WhenTimerIsSetAsync(ConnectionLimits.IdleMax).WaitAsync(_over.Token);
        _clock.Advance(ConnectionLimits.IdleMax);

        await _idle[0].ReadAsync(_over.Token);
        await UntilAsync(0);
    }

    [Fact]
    public async Task Who_never_sent_a_byte_does_not_hold_up_the_servers_end()
    {
        _idle.Add(await RawConnection.OpenAsync(_host.Grpc.Http.BaseAddress!, _over.Token));
        await UntilAsync(1);

        // Otherwise the host waits as long as it lets calls end, which is above this.
        await _host.StopAsync().WaitAsync(TimeSpan.FromSeconds(15), _over.Token);

        Assert.Equal(0, _host.Guard.NewcomersCount);
    }

    private static async Task HealthyAsync(GrpcClient client) =>
        Assert.Equal(GrpcStatus.Ok, (await client.CallAsync(Settle, new SettleRequest())).Status);

    private async Task HoldAsync(int connections)
    {
        for (var one = 0; one < connections; one++)
        {
            _idle.Add(await RawConnection.OpenAsync(_host.Grpc.Http.BaseAddress!, _over.Token));
            await _idle[^1].GreetAsync(_over.Token);
        }

        await UntilAsync(connections);
    }

    // The server tells nobody when it has accepted a connection or seen its end: that is looked for until it shows.
    private async Task UntilAsync(int newcomers)
    {
        while (_host.Guard.NewcomersCount != newcomers)
        {
            await Task.Delay(1, _over.Token);
        }
    }
}
