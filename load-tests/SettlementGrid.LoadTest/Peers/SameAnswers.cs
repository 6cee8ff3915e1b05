using Google.Protobuf;
using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Peers;

/// <summary>
/// The check before every measurement: a few persons settle so many bills that every band is reached, and each answer
/// must equal the one that the first contestant gave, in every field but those that differ from ledger to ledger (time,
/// position, hash). Some are repeated at the end and must be answered as before.
/// </summary>
public sealed class SameAnswers(int seed, int bills)
{
    const int Persons = 8;
    const int Repeated = 20;

    readonly Town _town = new("same", seed, Persons);
    Settlement[]? _first;

    /// <summary>Null: all alike. Otherwise the first difference in words.</summary>
    public async Task<string?> DifferenceAsync(Uri address, CancellationToken cancellation)
    {
        using var connection = new GrpcConnection(address);
        await _town.EnrollAsync(connection, cancellation);
        var answers = new Settlement[bills];
        // Persons side by side, each one's bills in their order.
        await Task.WhenAll(Enumerable.Range(0, Persons).Select(async person =>
        {
            for (var number = person; number < bills; number += Persons)
                answers[number] = await SettleAsync(connection, number, cancellation);
        }));
        for (var number = 0; number < Math.Min(Repeated, bills); number++)
        {
            if (!(await SettleAsync(connection, number, cancellation)).Equals(answers[number]))
                return $"bill {number} was answered otherwise when it was sent again";
        }
        foreach (var answer in answers)
            (answer.SettledAt, answer.LedgerPosition, answer.EntryHash) = (null, 0, "");
        if (_first is null)
        {
            _first = answers;
            return answers.Max(one => one.Layers.Sum(layer => layer.Bands.Count)) > 1
                ? null
                : "the bills reach no second band: they would prove nothing";
        }
        var other = Array.FindIndex(answers, one => !one.Equals(_first[int.Parse(one.RequestId["same-R".Length..])]));
        return other < 0 ? null : $"bill {other}: {Text(_first[other])} and {Text(answers[other])}";
    }

    async Task<Settlement> SettleAsync(GrpcConnection connection, int number, CancellationToken cancellation) =>
        (await connection.CallAsync(GrpcMethods.Settle, _town.Bill(number, number % Persons), cancellation)).Required;

    static string Text(IMessage message) => JsonFormatter.Default.Format(message);
}
