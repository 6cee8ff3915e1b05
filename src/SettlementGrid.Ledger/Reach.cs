using Npgsql;
using SettlementGrid.Enrollees;

namespace SettlementGrid.Ledger;

/// <summary>What an error from the driver says about what happened.</summary>
enum Fault
{
    /// <summary>PostgreSQL refused a value: some entry of the batch is bad, the others are not.</summary>
    BadValue,

    /// <summary>A key is taken, or a row is not the next of its stream.</summary>
    KeyTaken,

    CatalogMoved,

    /// <summary>The database was taken back under the running server.</summary>
    TakenBack,

    /// <summary>Deadlock or serialization: the same again may work.</summary>
    Again,

    /// <summary>
    /// PostgreSQL answered that it cannot work (disk full, no rights, read only): nothing was stored.
    /// </summary>
    Refused,

    /// <summary>The connection was lost or never there: if a commit was under way, its outcome is unknown.</summary>
    Lost,
}

/// <summary>
/// Reads the driver's errors, and tries again for a bounded time where PostgreSQL is only away for a moment.
/// </summary>
static class Reach
{
    public static Fault Of(Exception error) => error switch
    {
        // FATAL and PANIC may come after the commit itself (a shutdown in between): only ERROR is a definite no.
        PostgresException { InvariantSeverity: not "ERROR" } => Fault.Lost,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or "SG005" } => Fault.KeyTaken,
        PostgresException { SqlState: "SG001" } => Fault.CatalogMoved,
        PostgresException { SqlState: "SG002" } => Fault.TakenBack,
        PostgresException { SqlState: "40001" or "40P01" or "55P03" } => Fault.Again,
        PostgresException p when p.SqlState.StartsWith("22", StringComparison.Ordinal)
            || p.SqlState.StartsWith("23", StringComparison.Ordinal)
            || p.SqlState.StartsWith("54", StringComparison.Ordinal)
            => Fault.BadValue,
        PostgresException => Fault.Refused,
        LedgerRefusedException => Fault.Refused,
        NpgsqlException or IOException or TimeoutException or ObjectDisposedException => Fault.Lost,
        // The driver could not write a value at all.
        _ => Fault.BadValue,
    };

    /// <summary>
    /// Runs what may be repeated freely, until it works or <see cref="LedgerLimits.ReachPatience"/> is over; waits for
    /// it <see cref="InTime"/>.
    /// </summary>
    public static Task<T> Repeated<T>(
        TimeProvider clock, Func<CancellationToken, Task<T>> run, CancellationToken cancellation) =>
        InTime(clock, Tried(clock, run, cancellation), cancellation);

    /// <summary>
    /// What is read, or <see cref="LedgerUnavailableException"/> after <see cref="LedgerLimits.ReadingPatience"/>. A
    /// line that swallows everything is not told from a slow one before its statement's time is over; whoever waits is
    /// told before, for a reading that nobody waits for any more stores nothing. It is left to that time and not
    /// cancelled: the driver cancels on a line of its own, and where that is swallowed too gives neither back.
    /// </summary>
    public static async Task<T> InTime<T>(TimeProvider clock, Task<T> reading, CancellationToken cancellation)
    {
        try
        {
            return await reading.WaitAsync(LedgerLimits.ReadingPatience, clock, cancellation);
        }
        catch (TimeoutException silent)
        {
            throw new LedgerUnavailableException("The ledger's database does not answer.", silent);
        }
    }

    public static TimeSpan Longer(TimeSpan pause) =>
        pause * 2 < LedgerLimits.ReachPauseMax ? pause * 2 : LedgerLimits.ReachPauseMax;

    /// <summary>An error without values: PostgreSQL's messages may repeat what was sent.</summary>
    public static string Describe(Exception error) =>
        error is PostgresException p ? $"SQLSTATE {p.SqlState} {p.ConstraintName}".TrimEnd() : error.GetType().Name;

    static async Task<T> Tried<T>(
        TimeProvider clock, Func<CancellationToken, Task<T>> run, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        for (var pause = LedgerLimits.ReachPause; ; pause = Longer(pause))
        {
            try
            {
                return await run(cancellation);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                if (Of(e) is not (Fault.Lost or Fault.Again)
                    || clock.GetElapsedTime(start) > LedgerLimits.ReachPatience)
                    throw new LedgerUnavailableException("The ledger's database cannot be read: " + Describe(e), e);
            }
            await Task.Delay(pause, clock, cancellation);
        }
    }
}
