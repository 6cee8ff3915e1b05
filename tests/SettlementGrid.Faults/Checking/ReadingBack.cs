using SettlementGrid.Api.V1;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Faults.Checking;

/// <summary>
/// Reads the account of whoever was acknowledged last, at any of the servers: it shows at least that version, whichever
/// server settled (I6).
/// </summary>
sealed class ReadingBack : IAsyncDisposable
{
    readonly CancellationTokenSource _enough = new();
    readonly Task _reading;

    public ReadingBack(Town town, Hospitals hospitals, IReadOnlyList<Uri> servers, Verdict verdict, Random draw) =>
        _reading = Task.Run(() => ReadAsync(town, hospitals, servers, verdict, draw));

    /// <summary>Ends the reading; a second time does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_enough.IsCancellationRequested)
            return;
        await _enough.CancelAsync();
        await _reading;
        _enough.Dispose();
    }

    async Task ReadAsync(Town town, Hospitals hospitals, IReadOnlyList<Uri> servers, Verdict verdict, Random draw)
    {
        var connections = servers.Select(server => new GrpcConnection(server)).ToList();
        try
        {
            while (!_enough.IsCancellationRequested)
            {
                await Task.Delay(FaultLimits.ReadBackEvery, _enough.Token);
                if (hospitals.Latest is not { } acknowledged)
                    continue;
                var person = town.Bill(acknowledged.Number).EnrolleeId;
                var asked = draw.Next(connections.Count);
                var answer = await Patiently.AskAsync(
                    connections[asked], GrpcMethods.GetAccount,
                    new GetAccountRequest { EnrolleeId = person, Year = Town.Year }, _enough.Token);
                if (answer.Response is not { } account)
                    verdict.Find($"The account of {person} was not shown: {answer.Status} {answer.Message}");
                else if (account.AccountVersion < acknowledged.AccountVersion)
                    verdict.Find($"{person} was acknowledged version {acknowledged.AccountVersion}, and server "
                        + $"{asked + 1} showed {account.AccountVersion} afterwards (I6)");
            }
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
    }
}
