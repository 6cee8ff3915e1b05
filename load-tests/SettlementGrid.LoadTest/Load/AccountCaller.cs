using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.LoadTest.Load;

/// <summary>Asks for one account after another, so that the server has them in memory.</summary>
sealed class AccountCaller(Town town, BillNumbers next, ConnectionState of) : LoadCaller(of)
{
    const int InFlight = 128;

    /// <summary>Returns when everybody of the town was asked for.</summary>
    /// <exception cref="InvalidOperationException">One was not answered: it is not on the roster.</exception>
    public static async Task AskForAllAsync(Town town, ConnectionSet connections, CancellationToken cancellation)
    {
        var (states, next) = (connections.States(0), new BillNumbers());
        var callers = new List<LoadCaller>(InFlight);
        for (var i = 0; i < InFlight; i++)
            callers.Add(new AccountCaller(town, next, states[i % states.Count]));
        await new ClosedLoop(new MeasuredTime(0, 0, long.MaxValue), callers).RunAsync(cancellation);
        if (states.SelectMany(state => state.Result.Refused).FirstOrDefault() is { Value: > 0 } refused)
            throw new InvalidOperationException($"{refused.Value} accounts were not given: {refused.Key}");
    }

    public override bool TryBegin(long since)
    {
        var person = next.Next() - 1;
        return person < town.Persons && Of.Connection.TryCall(
            "/settlementgrid.v1.EnrolleeService/GetAccount",
            new GetAccountRequest { EnrolleeId = town.PersonId(person), Year = Town.Year }, this);
    }

    protected override void OnEnded()
    {
        lock (Of)
        {
            if (GrpcStatus != 0)
                Of.Result.Refuse(Reason ?? $"STATUS_{GrpcStatus}", 0);
        }
        OnFree(this);
    }
}
