using SettlementGrid.Enrollees.Simulating;

namespace SettlementGrid.Api.Messages;

/// <summary>The outcome of a simulation → its message, and the message's JSON for programs at the terminal.</summary>
public static class SimulationWriting
{
    /// <summary>As `Simulate` answers it in JSON.</summary>
    public static string Json(SimulationOutcome outcome) => Codec.Print(Message(outcome));

    internal static V1.SimulateOutcome Message(SimulationOutcome outcome)
    {
        var message = new V1.SimulateOutcome
        {
            PlanId = outcome.PlanId,
            Year = outcome.Year,
            RegionId = outcome.RegionId,
            LedgerPosition = outcome.Position,
            Settlements = outcome.Settlements,
            SettlementsUntouched = outcome.Untouched,
            Persons = outcome.Persons,
            PersonsBetter = outcome.PersonsBetter,
            PersonsWorse = outcome.PersonsWorse,
            PersonsUnchanged = outcome.PersonsUnchanged,
            PaidFen = outcome.Paid.Fen,
            SimulatedPaidFen = outcome.SimulatedPaid.Fen,
            DifferenceFen = outcome.Difference.Fen,
        };
        message.Layers.AddRange(outcome.Layers.Select(Message));
        message.Bands.AddRange(outcome.Bands.Select(Message));
        message.Largest.AddRange(outcome.Largest.Select(Message));
        message.NotRated.AddRange(outcome.NotRated.Select(Message));
        message.Replaced.AddRange(outcome.Replaced.Select(r => new V1.ReplacedPlan
        {
            PlanId = r.Plan.PlanId,
            Version = r.Plan.Version,
            Settlements = r.Settlements,
        }));
        return message;
    }

    internal static V1.SimulateProgress Message(SimulationProgress progress) => new()
    {
        SettlementsDone = progress.SettlementsDone,
        SettlementsAll = progress.SettlementsAll,
        EntriesRead = progress.EntriesRead,
        EntriesAll = progress.EntriesAll,
    };

    private static V1.SimulatedLayer Message(LayerUse layer) => new()
    {
        PlanId = layer.PlanId,
        LayerId = layer.LayerId,
        Basic = layer.Basic,
        Cases = layer.Simulated.Cases,
        PaidFen = layer.Simulated.Paid.Fen,
        ActualCases = layer.Actual.Cases,
        ActualPaidFen = layer.Actual.Paid.Fen,
    };

    private static V1.DifferenceBand Message(DifferenceBand band)
    {
        var message = new V1.DifferenceBand
        {
            FromFen = band.From.Fen,
            PersonsBetter = band.Better.Persons,
            BetterFen = band.Better.Amount.Fen,
            PersonsWorse = band.Worse.Persons,
            WorseFen = band.Worse.Amount.Fen,
        };
        if (band.To is { } to)
            message.ToFen = to.Fen;
        return message;
    }

    private static V1.PersonDifference Message(PersonDifference person) => new()
    {
        EnrolleeId = person.EnrolleeId,
        BeforeFen = person.Before.Fen,
        AfterFen = person.After.Fen,
        DifferenceFen = person.Difference.Fen,
        Settlements = person.Settlements,
    };

    private static V1.NotRated Message(NotRated sum) => new()
    {
        Reason = sum.First.Code,
        Settlements = sum.Settlements,
        PaidFen = sum.Paid.Fen,
        MessageZh = sum.First.MessageZh,
        MessageEn = sum.First.MessageEn,
    };
}
