using SettlementGrid.Testbed;
using SettlementGrid.Testbed.Calling;

namespace SettlementGrid.Crash.Tests;

/// <summary>How long and how hard, each with its reason.</summary>
static class CrashLimits
{
    /// <summary>Set by `grid test --long`.</summary>
    public static readonly bool Long = Environment.GetEnvironmentVariable("SETTLEMENTGRID_LONG") == "1";

    /// <summary>Kills of the server: each meets another point of the commit; three fit into a short run.</summary>
    public static readonly int ServerKills = Long ? 20 : 3;

    /// <summary>Immediate stops of the database: the reply of a commit is lost, and resolved.</summary>
    public static readonly int DatabaseStops = Long ? 5 : 1;

    /// <summary>Acknowledged settlements between two crashes, chosen by the seed within these.</summary>
    public const int SettledBetweenMin = 50;

    public const int SettledBetweenMax = 800;

    /// <summary>A commit takes about 10 ms: so a crash meets any point of one.</summary>
    public const int CrashDelayMillisecondsMax = 25;

    /// <summary>Few enough that one person often has several calls waiting when the crash comes.</summary>
    public const int Persons = 200;

    /// <summary>
    /// How long one bill may stay unanswered over a crash and a restart: as long as a restart may take, and the call.
    /// </summary>
    public static readonly TimeSpan AnswerMax = TestbedLimits.StartMax + TestbedLimits.CallMax;

    /// <summary>
    /// Callers at one time: enough that every commit holds several settlements. Every fiftieth bill goes twice.
    /// </summary>
    public static readonly Habits Habits = new(InFlight: 32, AnswerMax) { TwiceEvery = 50 };
}
