using SettlementGrid.LoadTest.Auditing;
using SettlementGrid.LoadTest.Load;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest;

/// <summary>
/// One server, one town on its roster and everything that was acknowledged there, from the enrolment to the audit. Any
/// number of runs are measured on it one after another; what they measured is worth nothing before
/// <see cref="AuditAsync"/> gave true.
/// </summary>
public sealed class LoadSite : IAsyncDisposable
{
    /// <summary>Facts may bear the times of their turns, a moment before they were asked for or after.</summary>
    static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    readonly TimeProvider _clock;
    readonly GrpcConnection _connection;
    readonly BillNumbers _numbers = new();
    readonly FundFigures? _fundsBefore;

    LoadSite(
        IReadOnlyList<RunningServer> started, Uri address, Town town, GrpcConnection connection,
        FundFigures? fundsBefore,
        DateTimeOffset began, TimeProvider clock, Action<string> say)
    {
        Started = started;
        (Address, Town, _connection, _fundsBefore) = (address, town, connection, fundsBefore);
        (Began, _clock, Say) = (began, clock, say);
    }

    /// <summary>The programs that this one started: the first keeps the database, the last is called.</summary>
    public IReadOnlyList<RunningServer> Started { get; }

    /// <summary>The server, where this program started it; null: it was there before and stays.</summary>
    public RunningServer? Own => Started.Count > 0 ? Started[0] : null;

    /// <summary>The gRPC address that is called.</summary>
    public Uri Address { get; }

    public Town Town { get; }

    public DateTimeOffset Began { get; }

    public Action<string> Say { get; }

    /// <summary>Everything that was acknowledged, of all runs so far.</summary>
    public LoadResult Acknowledged { get; } = new(LoadLimits.ReceiptsMax);

    /// <summary>Starts a server on fresh data, or takes the one that is named, and enrols the town.</summary>
    /// <param name="started">
    /// Programs on fresh data, to be ended with the site: the first keeps the database, the last is called. Null: the
    /// server is started.
    /// </param>
    /// <param name="audited">False: the program has no funds to hold anything against, and no audit is asked
    /// for.</param>
    public static async Task<LoadSite> OpenAsync(
        LoadSettings settings, TimeProvider clock, Action<string> say, CancellationToken cancellation,
        IReadOnlyList<RunningServer>? started = null, bool audited = true)
    {
        var began = clock.GetUtcNow();
        started ??= settings.Server is null ? [await RunningServer.StartAsync(PlaceOf(settings))] : [];
        var address = settings.Server ?? started[^1].Place.Grpc;
        var connection = new GrpcConnection(address);
        try
        {
            // Ids of their own, so that a server that has seen earlier runs can be measured again.
            var town = new Town($"L{began.ToUnixTimeMilliseconds():x}", settings.Seed, settings.Persons);
            var before = audited ? await FundFigures.ReadAsync(connection, cancellation) : null;
            if (settings.Roster is { } roster)
            {
                town = town with { Roster = roster };
            }
            else
            {
                say($"enrolling {settings.Persons:n0} persons, {town.Name}, on {address}");
                await town.EnrollAsync(connection, cancellation);
            }
            return new LoadSite(started, address, town, connection, before, began, clock, say);
        }
        catch
        {
            connection.Dispose();
            await EndAsync(started);
            throw;
        }
    }

    /// <summary>What these settings ask of the town; its bills go on where the last run ended.</summary>
    public Workload WorkloadOf(LoadSettings settings) => new(Town, settings, _numbers);

    /// <summary>Brings accounts to where the settings want them; before connections are opened.</summary>
    public async Task PrepareAsync(LoadSettings settings, CancellationToken cancellation)
    {
        if (settings.Accounts == AccountsAre.Cold && Own is not null)
        {
            Say("starting the server again: every account is cold");
            await Own.StopAsync();
            await Own.StartAgainAsync();
        }
        else if (settings.Accounts == AccountsAre.Warm)
        {
            Say($"asking for {Town.Persons:n0} accounts, so that they are warm");
            await using var connections = await ConnectionSet.OpenAsync(Address, settings.Connections, cancellation);
            await AccountCaller.AskForAllAsync(Town, connections, cancellation);
        }
    }

    /// <summary>
    /// Holds everything acknowledged so far against the ledger, the accounts and the funds, and verifies an own
    /// server's ledger. Null: something differs, which was said; nothing that was measured here may be shown.
    /// </summary>
    public async Task<AuditFinding?> AuditAsync(CancellationToken cancellation)
    {
        var facts = Acknowledged.Receipts.Count + Acknowledged.Reversals.Count;
        Say($"holding {facts:n0} acknowledged facts against the ledger");
        var audit = new LoadAudit(_connection, Town, Acknowledged);
        var differences = await audit.RunAsync(_fundsBefore!, Began - Slack, _clock.GetUtcNow() + Slack, cancellation);
        foreach (var difference in differences)
            Say(difference);
        if (Acknowledged.RepeatedOtherwise > 0)
            Say($"{Acknowledged.RepeatedOtherwise:n0} repeated calls were answered otherwise than the first time");
        if (Acknowledged.OutOfOrder > 0)
            Say($"{Acknowledged.OutOfOrder:n0} settlements overtook an earlier one of their person in the same call");
        var verified = Own is not { Place.HoldsLedger: true } || await VerifiesAsync(Own);
        if (differences.Count == 0 && Acknowledged.RepeatedOtherwise == 0 && Acknowledged.OutOfOrder == 0 && verified)
            return new AuditFinding(
                audit.Found, audit.Regions, audit.AccountsAddUp, Own is { Place.HoldsLedger: true });
        Say("NO RESULT: what the server acknowledged and what the ledger holds differ");
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        await EndAsync(Started);
    }

    /// <summary>The one that keeps the database goes last.</summary>
    public static async Task EndAsync(IReadOnlyList<RunningServer> started)
    {
        foreach (var program in started.Reverse())
            await program.DisposeAsync();
    }

    static ServerPlace? PlaceOf(LoadSettings settings) => settings.Data is { } data ? ServerPlace.On(data) : null;

    async Task<bool> VerifiesAsync(RunningServer own)
    {
        Say("verifying the ledger");
        var verification = await own.RunCommandAsync("verify");
        if (!verification.Succeeded)
            Say(verification.Output);
        return verification.Succeeded;
    }
}

/// <summary>What an audit without differences found.</summary>
/// <param name="Facts">Acknowledged facts found in the ledger with equal figures.</param>
/// <param name="Regions">Regions whose funds moved by exactly these facts.</param>
/// <param name="Accounts">Whether accounts were added up; those of an older roster hold more than these facts.</param>
/// <param name="Verified">Whether the ledger was verified, which only an own server's can be.</param>
public sealed record AuditFinding(long Facts, int Regions, bool Accounts, bool Verified)
{
    public string InWords => $"all {Facts:n0} acknowledged facts found with equal figures; "
        + (Accounts ? "accounts and " : "") + $"the funds of {Regions} regions moved by exactly these"
        + (Verified ? "; ledger verified" : "");
}
