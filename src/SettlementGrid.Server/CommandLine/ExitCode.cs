namespace SettlementGrid.Server.CommandLine;

/// <summary>What a command's exit status says. Scripts rely on the numbers.</summary>
public static class ExitCode
{
    public const int Fine = 0;

    /// <summary>The command ran and its answer is no: not ready, something differs, some rows were rejected.</summary>
    public const int No = 1;

    /// <summary>The command line could not be understood, or options contradict each other.</summary>
    public const int Usage = 2;

    /// <summary>It could not start: a port in use, no database, unsafe settings. The message says what to do.</summary>
    public const int CannotStart = 3;
}
