using Npgsql;

namespace SettlementGrid.Simulation.Database;

/// <summary>What the driver throws, as the driver throws it: the real <see cref="Ledger.Reach"/> reads these.</summary>
static class SqlErrors
{
    public const string UniqueViolation = PostgresErrorCodes.UniqueViolation;

    /// <summary>PostgreSQL answered ERROR: nothing of the transaction is stored.</summary>
    public static PostgresException Of(string state, string? constraint = null) =>
        new("simulated", "ERROR", "ERROR", state, constraintName: constraint);

    /// <summary>The database went down or is starting: FATAL says nothing about a commit.</summary>
    public static PostgresException Gone() => new("simulated", "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown);

    /// <summary>The connection broke.</summary>
    public static NpgsqlException Lost() => new("Simulated: the connection is lost.");
}
