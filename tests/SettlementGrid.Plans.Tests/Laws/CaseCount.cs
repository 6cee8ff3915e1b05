using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace SettlementGrid.Plans.Tests;

/// <summary>
/// How many cases a law is checked on. The environment variable SETTLEMENTGRID_HISTORIES bounds it for mutation testing
/// (tests/MUTATION.md): few cases, always the same, so that two mutants meet the same histories. Without it every law
/// is checked in full and from a fresh seed.
/// </summary>
static class CaseCount
{
    static readonly int? Most =
        Environment.GetEnvironmentVariable("SETTLEMENTGRID_HISTORIES") is { Length: > 0 } most
            ? int.Parse(most, CultureInfo.InvariantCulture)
            : null;

    // How often something must have been seen is a claim about the full number.
    public static bool InFull => Most is null;

    public static Config Of(Config config, int cases) => Most is { } most
        ? config.WithMaxTest(Math.Min(most, cases))
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(1, 1), FSharpOption<int>.None)))
        : config.WithMaxTest(cases);
}
