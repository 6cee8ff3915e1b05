using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Server.Callers;
using SettlementGrid.Server.Composition;
using SettlementGrid.Server.FundsView;
using SettlementGrid.Server.Tests.Postgres;
using SettlementGrid.Server.Tests.Running;

namespace SettlementGrid.Server.Tests.FundsView;

/// <summary>
/// The funds seen from outside, through the real server. The tests share a ledger, so each has a county of its own.
/// </summary>
[Collection(SharedPostgresTests.Name)]
public sealed class FundsLiveTests(SharedPostgres shared) : IDisposable
{
    private readonly DatabaseFolder _folder = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Settlement_moves_the_countys_row_within_a_second()
    {
        await using var server = await StartAsync();
        var county = new County(server.Http, "150581");
        await county.EnrollAsync(3);
        using var client = new FundsClient(server.Addresses[0], key: null);
        var request = new WatchPositionsRequest { RegionId = "150500", Year = County.Year, IncludeBelow = true };
        await using var watch = client.WatchAsync(request, _stop.Token).GetAsyncEnumerator(_stop.Token);
        Assert.True(await watch.MoveNextAsync());

        var lags = new List<TimeSpan>();
        for (var person = 1; person <= 3; person++)
        {
            await county.SettleAsync(person);
            var since = Stopwatch.GetTimestamp();
            while (Paid(watch.Current, county.Region) != person * County.PaidFen)
            {
                Assert.True(await watch.MoveNextAsync());
            }

            lags.Add(Stopwatch.GetElapsedTime(since));
        }

        // The quickest of three: a test machine may be busy with something else for a second.
        Assert.InRange(lags.Min(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Watch_that_lost_its_server_goes_on_from_its_mark_when_that_is_back()
    {
        var server = await StartAsync();
        try
        {
            var port = server.Addresses[0].Port;
            await new County(server.Http, "150582").RecordAsync("one", 1_000);
            using var client = new FundsClient(server.Addresses[0], key: null);
            var board = new FundsBoard(TimeProvider.System);
            var messages = System.Threading.Channels.Channel.CreateUnbounded<WatchPositionsResponse>();
            var said = new List<string>();
            var following = new FundsFollowing(
                client, board, TimeProvider.System, message => messages.Writer.TryWrite(message), said.Add);
            var running = following.RunAsync("150582", "", County.Year, _stop.Token);
            await SeenAsync(messages, fund => fund.PremiumFen == 1_000);

            await server.DisposeAsync();
            server = await StartAsync(settings => settings with { Port = port });
            await new County(server.Http, "150582").RecordAsync("two", 500);
            await SeenAsync(messages, fund => fund.PremiumFen == 1_500);

            Assert.Equal(1_500, Assert.Single(board.Look().Rows).Position.PremiumFen);
            Assert.Null(board.Look().Trouble);
            Assert.Contains(said, news => news.Contains("connecting again", StringComparison.Ordinal));
            Assert.Contains(said, news => news.Contains("connected again from mark", StringComparison.Ordinal));
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Command_prints_a_table_or_the_answers_as_json()
    {
        await using var server = await StartAsync();
        var county = new County(server.Http, "150583");
        await county.EnrollAsync(1);
        await county.RecordAsync("one", 400_000);
        await county.SettleAsync(1);
        var url = server.Addresses[0].GetLeftPart(UriPartial.Authority);

        var table = await FundsProgram.RunAsync("--url", url, "--region", county.Region, "--year", "2025");
        var json = await FundsProgram.RunAsync("--url", url, "--region", county.Region, "--year", "2025", "--json");
        var everywhere = await FundsProgram.RunAsync("--url", url, "--year", "2025");

        Assert.Equal(0, table.ExitCode);
        Assert.Contains("150583", table.Output, StringComparison.Ordinal);
        Assert.Contains("4,000.00", table.Output, StringComparison.Ordinal);
        Assert.Contains("90.0%", table.Output, StringComparison.Ordinal);
        Assert.Contains("≥90%", table.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', table.Output);
        using var answer = JsonDocument.Parse(json.Output);
        var fund = answer.RootElement.GetProperty("positions")[0];
        Assert.Equal("40000", fund.GetProperty("balance_fen").GetString());
        Assert.Equal(9_000, fund.GetProperty("usage_bp").GetInt32());
        Assert.Contains("150583", everywhere.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_command_prints_a_line_when_a_fund_moves_and_is_left_with_ctrl_c()
    {
        await using var server = await StartAsync();
        var county = new County(server.Http, "150584");
        await county.EnrollAsync(1);
        using var funds = FundsProgram.Start(
            "--url", server.Addresses[0].GetLeftPart(UriPartial.Authority), "--region", county.Region, "--year", "2025",
            "--watch");
        await funds.ReadUntilAsync("150584", _stop.Token);

        await county.SettleAsync(1);
        var line = await funds.ReadUntilAsync("3,600.00", _stop.Token);

        Assert.Contains("tongliao-resident-critical-2025", line, StringComparison.Ordinal);
        Assert.Equal(0, await funds.InterruptAsync(_stop.Token));
    }

    [Fact]
    public async Task Command_says_what_to_do_where_it_is_not_answered()
    {
        await using var server = await StartAsync(settings => settings with { RequireKeys = true });
        var url = server.Addresses[0].GetLeftPart(UriPartial.Authority);
        await using var source = Npgsql.NpgsqlDataSource.Create(shared.Postgres.ConnectionString);
        var (id, key, hash) = KeyText.New();
        var now = TimeProvider.System.GetUtcNow();
        await new Credentials(source, TimeProvider.System).AddAsync(
            new Credential(
                CredentialKind.Key, id, hash, "a county", Roles.County, "", "150502", now, now.AddDays(1), null),
            new Caller("terminal:test", Roles.None), default);

        var nobody = await FundsProgram.RunAsync("--url", "http://127.0.0.1:9", "--watch");
        var keyless = await FundsProgram.RunAsync("--url", url, "--region", "150502");
        var elsewhere = await FundsProgram.RunAsync("--url", url, "--region", "150521", "--key", key);
        var own = await FundsProgram.RunAsync("--url", url, "--region", "150502", "--key", key);

        Assert.Equal((1, 1, 1, 0), (nobody.ExitCode, keyless.ExitCode, elsewhere.ExitCode, own.ExitCode));
        Assert.Contains("./grid run", nobody.Output, StringComparison.Ordinal);
        Assert.Contains("--key", keyless.Output, StringComparison.Ordinal);
        Assert.Contains("NOT_PERMITTED", elsewhere.Output, StringComparison.Ordinal);
        Assert.Contains("--region", elsewhere.Output, StringComparison.Ordinal);
    }

    private static long Paid(WatchPositionsResponse message, string region) =>
        message.Positions.SingleOrDefault(one => one.RegionId == region)?.PaidFen ?? -1;

    private Task<ServerInProcess> StartAsync(Func<RunSettings, RunSettings>? change = null) =>
        ServerInProcess.StartAsync(new DatabasePlace(_folder.Path, shared.Postgres.ConnectionString), change);

    private async Task SeenAsync(Channel<WatchPositionsResponse> messages, Func<Position, bool> seen)
    {
        await foreach (var message in messages.Reader.ReadAllAsync(_stop.Token))
        {
            if (message.Positions.Any(seen))
            {
                return;
            }
        }
    }
}
