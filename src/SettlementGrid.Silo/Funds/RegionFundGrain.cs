using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using SettlementGrid.Plans;
using SettlementGrid.Regions;
using SettlementGrid.Regions.Following;
using SettlementGrid.Silo.Turns;

namespace SettlementGrid.Silo.Funds;

/// <summary>
/// A region's view of its silo's fold. It adds nothing up: it keeps mark and digest of what it gave last, and whichever
/// silo it comes to stand on next compares its own fold at that mark. So a silo whose fold differs from the others' is
/// found on the day it takes over, not at the audit. Two activations at once are harmless: the state's version lets one
/// write, and the other goes.
/// </summary>
[GrainType("region-fund")]
public sealed class RegionFundGrain(
    [PersistentState("fund", RegionFundGrain.StorageName)] IPersistentState<RegionFundCheckpoint> kept,
    Func<Regions.Following.Funds> funds, TurnGround ground, ILogger<RegionFundGrain> log)
    : Grain, IRegionFundGrain, IRemindable
{
    /// <summary>Of the storage in the database.</summary>
    public const string StorageName = "funds";

    const string Reminder = "keep up";

    string _region = "";
    int _year;
    bool _isCompared;

    /// <summary>The grain's key of a region and a year.</summary>
    public static string KeyOf(string regionId, int year) =>
        string.Create(CultureInfo.InvariantCulture, $"{regionId}/{year}");

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var parts = this.GetPrimaryKeyString().Split('/');
        (_region, _year) = (parts[0], int.Parse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture));
        await this.RegisterOrUpdateReminder(Reminder, SiloLimits.FundLookEvery, SiloLimits.FundLookEvery);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        // The books of a year are closed in the next one; after that nobody need keep up with them.
        if (_year < BeijingTime.DayOf(ground.Clock.GetUtcNow()).Year - 1)
        {
            if (await this.GetReminder(reminderName) is { } reminder)
                await this.UnregisterReminder(reminder);
            return;
        }
        await KeepUp();
    }

    public async ValueTask<RegionFunds?> KeepUp()
    {
        if (await Read(null) is not { } now)
            return null;
        if (!_isCompared && kept.State.Mark > 0 && await Read(kept.State.Mark) is { } then)
        {
            _isCompared = true;
            if (!Digest(then).AsSpan().SequenceEqual(kept.State.Digest))
                log.LogCritical(
                    "The funds of {Region} in {Year} at position {Mark} are not what they were: run verify",
                    _region, _year, kept.State.Mark);
        }
        var digest = Digest(now);
        if (now.Mark > kept.State.Mark && !digest.AsSpan().SequenceEqual(kept.State.Digest))
        {
            (kept.State.Mark, kept.State.Digest, _isCompared) = (now.Mark, digest, true);
            await kept.WriteStateAsync();
        }
        return new RegionFunds(
            now.Mark,
            [.. now.Positions.Select(p => new RegionFund(p.PlanId, p.Premium.Fen, p.Paid.Fen, p.Cases))]);
    }

    async Task<FundPositions?> Read(long? mark)
    {
        var query = new FundQuery(_region, "", _year, Below: false);
        return await funds().Read(query, mark, CancellationToken.None) is FundReading.Given given
            ? given.Positions
            : null;
    }

    static byte[] Digest(FundPositions funds)
    {
        var text = new StringBuilder();
        foreach (var p in funds.Positions)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{p.PlanId}|{p.Premium.Fen}|{p.Paid.Fen}|{p.AccidentBasic.Fen}|{p.Adjusted.Fen}|{p.Balance.Fen}|")
                    .Append(
                CultureInfo.InvariantCulture, $"{p.Persons}|{p.Cases}|{p.Reversals}|{p.Adjustments}\n");
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
