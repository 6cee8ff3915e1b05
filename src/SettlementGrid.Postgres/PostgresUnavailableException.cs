namespace SettlementGrid.Postgres;

/// <summary>
/// No PostgreSQL could be had. The message is written for the person at the terminal: what is wrong and what to do.
/// </summary>
public sealed class PostgresUnavailableException : Exception
{
    public PostgresUnavailableException()
    {
    }

    public PostgresUnavailableException(string message)
        : base(message)
    {
    }

    public PostgresUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
