namespace SettlementGrid.Ledger;

/// <summary>
/// The ledger must not be opened on this database: unsafe settings, a foreign or newer schema, missing rights. The
/// message says to the operator what is wrong and what to do; trying again changes nothing.
/// </summary>
public sealed class LedgerRefusedException : Exception
{
    public LedgerRefusedException()
    {
    }

    public LedgerRefusedException(string message)
        : base(message)
    {
    }

    public LedgerRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
