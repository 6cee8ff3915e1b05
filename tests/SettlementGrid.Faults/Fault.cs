using SettlementGrid.Faults.Running;

namespace SettlementGrid.Faults;

/// <summary>
/// One kind of harm: it starts what it needs through its run, calls, injects the harm again and again for as long as
/// the run lasts, and ends with the servers well. What it must hold is checked afterwards for every fault alike
/// (<see cref="Checking.ClosingCheck"/>); what is special to it, it adds to the verdict's findings itself.
/// </summary>
public abstract class Fault
{
    /// <summary>For the command line: lower case, words joined by hyphens.</summary>
    public abstract string Name { get; }

    /// <summary>Which of the faults of the list in tests/README.md it is.</summary>
    public abstract IReadOnlyList<int> Numbers { get; }

    /// <summary>One line for people.</summary>
    public abstract string What { get; }

    public abstract string WhatChinese { get; }

    /// <summary>
    /// False: it spoils its PostgreSQL or its servers, and gets some of its own that nobody uses afterwards.
    /// </summary>
    public virtual bool Shares => true;

    /// <exception cref="FaultSkippedException">This machine lacks something; with what.</exception>
    public abstract Task RunAsync(FaultRun run);
}

/// <summary>The fault cannot be made on this machine; the message says what is missing.</summary>
public sealed class FaultSkippedException(string reason) : Exception(reason);
