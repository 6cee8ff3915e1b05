using System.Threading.Channels;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.Funds.Agency;

namespace SettlementGrid.Api.Tests.Funds;

public sealed class FundWatchTests
{
    [Fact]
    public async Task Watch_gives_what_there_is_and_then_what_changes()
    {
        await using var agency = await OpenAsync();
        await agency.EnrollAsync("a", "150502");
        await agency.EnrollAsync("b", "150521");
        await using var watch = new Watch(agency, new() { RegionId = "150500", Year = Year, IncludeBelow = true });

        var first = await watch.NextAsync();
        var settled = await agency.SettleAsync("a");
        var moved = await watch.NextChangeAsync();

        Assert.Equal(["150500", "150502", "150521"], first.Positions.Select(one => one.RegionId));
        Assert.Equal(["150500", "150502"], moved.Positions.Select(one => one.RegionId));
        Assert.All(moved.Positions, one => Assert.Equal(360_000, one.PaidFen));
        Assert.All(moved.Positions, one => Assert.Empty(one.ByFacility));
        Assert.Equal(settled.LedgerPosition, moved.LedgerPosition);
    }

    [Fact]
    public async Task Watch_goes_on_from_a_mark_with_what_changed_since()
    {
        await using var agency = await OpenAsync();
        var mark = (await agency.RecordAsync(Premium("150502", 100))).LedgerPosition;
        await agency.RecordAsync(Premium("150521", 100));
        var request = new WatchPositionsRequest
        {
            RegionId = "150500",
            Year = Year,
            IncludeBelow = true,
            FromLedgerPosition = mark,
        };
        await using var watch = new Watch(agency, request);

        var first = await watch.NextChangeAsync();

        Assert.Equal(["150500", "150521"], first.Positions.Select(one => one.RegionId));
    }

    [Fact]
    public async Task Watch_from_a_mark_that_the_ledger_never_had_is_refused()
    {
        await using var agency = await OpenAsync();

        var refused = await agency.Handlers.WatchPositions(
            new WatchPositionsRequest { RegionId = "150500", Year = Year, FromLedgerPosition = 999 }, CallOf(),
            _ => throw new InvalidOperationException("Nothing is to be written."));

        Assert.Equal("POSITION_UNKNOWN", refused?.Reason);
    }

    [Fact]
    public async Task Changes_too_large_for_one_message_come_in_several_and_the_last_says_so()
    {
        await using var agency = await OpenAsync();
        await agency.RecordAsync(Premium("150502", 100));
        await agency.RecordAsync(Premium("150521", 100));
        var methods = agency.Cut(answerBytesMax: 1);
        using var stop = new CancellationTokenSource();
        var messages = new List<WatchPositionsResponse>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await methods.WatchPositions(
            new WatchPositionsRequest { RegionId = "150500", Year = Year, IncludeBelow = true },
            CallOf(cancelled: stop.Token),
            async message =>
            {
                messages.Add(message);
                if (!message.More)
                {
                    await stop.CancelAsync();
                }
            }));

        Assert.Equal(["150500", "150502", "150521"], messages.Select(one => Assert.Single(one.Positions).RegionId));
        Assert.Equal([true, true, false], messages.Select(one => one.More));
        Assert.Single(messages.Select(one => one.LedgerPosition).Distinct());
    }

    /// <summary>A watch under way; ends with the test.</summary>
    private sealed class Watch : IAsyncDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

        private readonly CancellationTokenSource _stop = new();
        private readonly Channel<WatchPositionsResponse> _messages =
            System.Threading.Channels.Channel.CreateUnbounded<WatchPositionsResponse>();
        private readonly Task _running;

        public Watch(Agency agency, WatchPositionsRequest request) => _running = agency.Handlers.WatchPositions(
            request, CallOf(cancelled: _stop.Token), message => _messages.Writer.WriteAsync(message)).AsTask();

        public async Task<WatchPositionsResponse> NextAsync() =>
            await _messages.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        /// <summary>The next that is no sign of life.</summary>
        public async Task<WatchPositionsResponse> NextChangeAsync()
        {
            while (true)
            {
                var message = await NextAsync();
                if (message.Positions.Count > 0)
                {
                    return message;
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            _stop.Dispose();
        }
    }
}
