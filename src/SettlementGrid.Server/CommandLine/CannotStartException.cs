namespace SettlementGrid.Server.CommandLine;

/// <summary>
/// The command cannot do its work here and now; the message is for the person at the terminal and says what to do.
/// Ends the program with <see cref="ExitCode.CannotStart"/>.
/// </summary>
public sealed class CannotStartException : Exception
{
    public CannotStartException()
    {
    }

    public CannotStartException(string message)
        : base(message)
    {
    }

    public CannotStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
