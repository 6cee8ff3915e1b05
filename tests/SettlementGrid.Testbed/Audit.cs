using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Testbed;

/// <summary>
/// Asks the server for what it acknowledged. Each method gives the differences, at most <see cref="DifferencesMax"/>;
/// none means that every one was found with equal amounts, hash and position.
/// </summary>
public sealed class Audit(GrpcConnection connection, Town town, int inFlight = 32)
{
    /// <summary>So many are enough to see the pattern; a broken ledger would give one a settlement.</summary>
    public const int DifferencesMax = 20;

    // The server's own bound of a page.
    const int PageMax = 1_000;

    /// <summary>Looks every receipt up by its facility and request id.</summary>
    public async Task<IReadOnlyCollection<Difference>> FindAllAsync(IReadOnlyList<Receipt> receipts)
    {
        var differences = new ConcurrentQueue<Difference>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = inFlight };
        await Parallel.ForEachAsync(receipts, options, async (receipt, cancellation) =>
        {
            if (differences.Count >= DifferencesMax)
                return;
            var bill = town.Bill(receipt.Number);
            var found = await AskAsync(
                GrpcMethods.GetSettlement,
                new GetSettlementRequest { FacilityId = bill.FacilityId, RequestId = bill.RequestId },
                cancellation);
            if (found.Response is not { } settlement)
                differences.Enqueue(new(
                    DifferenceKind.Lost,
                    $"{bill.RequestId} was acknowledged and is gone: {found.Status} {found.Message}"));
            else if (Receipt.Of(receipt.Number, settlement) is var stored && stored != receipt)
                differences.Enqueue(new(
                    DifferenceKind.Differing,
                    $"{bill.RequestId} was acknowledged as {receipt} and is stored as {stored}"));
        });
        return differences;
    }

    /// <summary>
    /// Lists every facility of the town and compares: each receipt once, in the order of positions, and no other bill
    /// of the town. Only for towns all of whose bills are acknowledged and that began after <paramref name="since"/>.
    /// </summary>
    public async Task<IReadOnlyCollection<Difference>> ListAllAsync(
        IReadOnlyList<Receipt> receipts, DateTimeOffset since, DateTimeOffset until)
    {
        var differences = new List<Difference>();
        var expected = receipts.ToDictionary(receipt => town.Bill(receipt.Number).RequestId);
        for (var facility = 0; facility < Town.Facilities; facility++)
        {
            var position = 0L;
            await foreach (var settlement in ListAsync(Town.FacilityId(facility), since, until))
            {
                if (settlement.LedgerPosition <= position)
                    differences.Add(new(
                        DifferenceKind.Differing, $"{settlement.RequestId} is listed out of order"));
                position = settlement.LedgerPosition;
                if (!settlement.RequestId.StartsWith(town.RequestPrefix, StringComparison.Ordinal))
                    continue;
                if (!expected.Remove(settlement.RequestId, out var receipt))
                    differences.Add(new(
                        DifferenceKind.Double, $"{settlement.RequestId} is listed twice, or was never acknowledged"));
                else if (Receipt.Of(receipt.Number, settlement) != receipt)
                    differences.Add(new(
                        DifferenceKind.Differing, $"{settlement.RequestId} is listed with other figures"));
            }
        }
        differences.AddRange(
            expected.Keys.Select(id =>
                new Difference(DifferenceKind.Lost, $"{id} was acknowledged and is not listed")));
        return differences.Take(DifferencesMax).ToList();
    }

    /// <summary>
    /// Compares every person's account with what its settlements paid: versions without a gap, sums to the fen.
    /// </summary>
    public async Task<IReadOnlyCollection<Difference>> AddUpAsync(IReadOnlyList<Receipt> receipts)
    {
        var differences = new ConcurrentQueue<Difference>();
        var byPerson = receipts.ToLookup(receipt => town.Bill(receipt.Number).EnrolleeId);
        var options = new ParallelOptions { MaxDegreeOfParallelism = inFlight };
        await Parallel.ForEachAsync(Enumerable.Range(0, town.Persons), options, async (person, cancellation) =>
        {
            var id = town.PersonId(person);
            var answer = await AskAsync(
                GrpcMethods.GetAccount, new GetAccountRequest { EnrolleeId = id, Year = Town.Year }, cancellation);
            var account = answer.Required;
            var own = byPerson[id].OrderBy(receipt => receipt.AccountVersion).ToList();
            // Version 1 is the enrolment.
            var versions = string.Join(' ', own.Select(receipt => receipt.AccountVersion));
            if (versions != string.Join(' ', Enumerable.Range(2, own.Count)))
                Differ($"{id} has the versions {versions}");
            if (account.AccountVersion != own.Count + 1)
                Differ($"{id} is at version {account.AccountVersion} after {own.Count} settlements");
            if (account.Accumulators.Sum(one => one.PaidFen) is var paid && paid != own.Sum(one => one.PlansPaidFen))
                Differ($"{id} was paid {own.Sum(one => one.PlansPaidFen)} fen, the account says {paid}");
            void Differ(string text) => differences.Enqueue(new(DifferenceKind.Differing, text));
        });
        return differences.Take(DifferencesMax).ToList();
    }

    // A server that never answers is a finding, not a test that hangs.
    async Task<GrpcAnswer<TResponse>> AskAsync<TResponse>(
        GrpcMethod<TResponse> method, IMessage request, CancellationToken cancellation = default)
        where TResponse : class, IMessage<TResponse>
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(TestbedLimits.CallMax);
        try
        {
            return await connection.CallAsync(method, request, bounded.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"No answer within {TestbedLimits.CallMax.TotalSeconds} s: {method.Path} {request}", e);
        }
    }

    /// <summary>What a facility's daily reconciliation lists, in its order.</summary>
    public async IAsyncEnumerable<Settlement> ListAsync(
        string facilityId, DateTimeOffset since, DateTimeOffset until, bool includeAdjustments = false)
    {
        var request = new ListSettlementsRequest
        {
            FacilityId = facilityId,
            SettledFrom = Timestamp.FromDateTimeOffset(since),
            SettledTo = Timestamp.FromDateTimeOffset(until),
            PageSize = PageMax,
            IncludeAdjustments = includeAdjustments,
        };
        do
        {
            var page = (await AskAsync(GrpcMethods.ListSettlements, request)).Required;
            foreach (var settlement in page.Settlements)
                yield return settlement;
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }
}
