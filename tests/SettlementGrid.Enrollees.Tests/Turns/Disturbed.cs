using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Turns;

/// <summary>A ledger that counts what it is asked and answers the next appends as the test says.</summary>
sealed class Disturbed(ILedger inner) : LedgerAround(inner)
{
    readonly Queue<Func<Append, AppendOutcome?>> _answers = [];

    public int Loads { get; private set; }

    public int Confirms { get; private set; }

    public int Appends { get; private set; }

    public int CatalogReads { get; private set; }

    /// <summary>What the next look says instead.</summary>
    public Func<Knowledge, Knowledge>? NextLook { get; set; }

    public List<AppendOutcome> Outcomes { get; } = [];

    /// <summary>As after a restart: it remembers no request.</summary>
    public bool IsForgetful { get; set; }

    /// <summary>What it remembers instead.</summary>
    public Func<SettlementId, bool>? Remembered { get; set; }

    /// <summary>What comes instead of the next append; null from the function: the append itself after all.</summary>
    public void Next(Func<Append, AppendOutcome?> answer, int times = 1)
    {
        for (var i = 0; i < times; i++)
            _answers.Enqueue(answer);
    }

    public override ValueTask<Account> Load(string enrolleeId, CancellationToken cancellation)
    {
        Loads++;
        return base.Load(enrolleeId, cancellation);
    }

    public override async ValueTask<Knowledge> Confirm(Question question, CancellationToken cancellation)
    {
        Confirms++;
        var known = await base.Confirm(question, cancellation);
        var look = NextLook;
        NextLook = null;
        return look is null ? known : look(known);
    }

    public override bool Remembers(SettlementId requestKey) =>
        !IsForgetful && (Remembered?.Invoke(requestKey) ?? base.Remembers(requestKey));

    public override ValueTask<CatalogEntries> ReadCatalog(CancellationToken cancellation)
    {
        CatalogReads++;
        return base.ReadCatalog(cancellation);
    }

    public override async ValueTask<AppendOutcome> Append(Append append, CancellationToken cancellation)
    {
        Appends++;
        var outcome = (_answers.TryDequeue(out var answer) ? answer(append) : null)
            ?? await base.Append(append, cancellation);
        Outcomes.Add(outcome);
        return outcome;
    }
}
