using SettlementGrid.Api;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Testbed;

/// <summary>
/// Made-up persons of Tongliao and their bills, all from a seed: the n-th bill is the same in every run, so a bill can
/// be sent again without being kept. Bills lie in 2025, which is past on any day the test runs.
/// </summary>
/// <param name="Name">Distinguishes the town's ids from others'; part of an id.</param>
/// <param name="Seed">Of everything.</param>
/// <param name="Persons">How many; at least 1.</param>
public sealed record Town(string Name, int Seed, int Persons)
{
    public const string PlanId = "tongliao-resident-critical-2025";
    public const int Year = 2025;
    public const int Facilities = 40;

    // A person's basic fund pays at most 120,000 yuan a year, and a bill beyond it is refused. So that a person can
    // have as many bills as a long run gives them, what the basic fund pays of one bill stays under 10 yuan.
    const int BasicFenMax = 1_000;

    /// <summary>Distinguishes the persons, where they are on a roster that was made before; else the name.</summary>
    public string Roster { get; init; } = Name;

    /// <summary>Of every bill's request id; the bill's number follows.</summary>
    public string RequestPrefix => $"{Name}-R";

    public string PersonId(int person) => $"{Roster}-P{person:d7}";

    public static string FacilityId(int facility) => $"H15050200{facility:d3}";

    /// <summary>Puts every person on the roster: each covered in 2025, every seventh of low income.</summary>
    public async Task EnrollAsync(GrpcConnection connection, CancellationToken cancellation = default)
    {
        for (var from = 0; from < Persons; from += TestbedLimits.RosterCallMax)
        {
            var call = new PutEnrolleesRequest();
            for (var person = from; person < Math.Min(from + TestbedLimits.RosterCallMax, Persons); person++)
                call.Enrollees.Add(Enrollee(person));
            var answer = await connection.CallAsync(GrpcMethods.PutEnrollees, call, cancellation);
            if (answer.Status != GrpcStatus.Ok)
                throw new InvalidOperationException($"The roster was not taken: {answer.Status} {answer.Message}");
        }
    }

    /// <summary>The roster entry of a person.</summary>
    public Enrollee Enrollee(int person)
    {
        var enrollee = new Enrollee
        {
            EnrolleeId = PersonId(person),
            RegionId = "150502",
            Insurance = Insurance.Resident,
            Coverages = { new Coverage { PlanId = PlanId, From = "2025-01-01", To = "2025-12-31" } },
        };
        if (person % 7 == 0)
            enrollee.Identities.Add(new Identity { Kind = IdentityKind.LowIncome });
        return enrollee;
    }

    /// <summary>The n-th bill, of a person that the seed chooses.</summary>
    public SettleRequest Bill(int number)
    {
        var draw = new Draw(Seed, number);
        return Bill(number, draw.Next(Persons), draw);
    }

    /// <summary>The n-th bill, of this person.</summary>
    public SettleRequest Bill(int number, int person) => Bill(number, person, new Draw(Seed, number));

    SettleRequest Bill(int number, int person, Draw draw)
    {
        var discharged = new DateOnly(Year, 1, 1).AddDays(draw.Next(365));
        var total = (long)draw.Next(10_000, 500_000);
        var eligible = total * draw.Next(60, 96) / 100;
        return new SettleRequest
        {
            RequestId = $"{RequestPrefix}{number}",
            FacilityId = FacilityId(draw.Next(Facilities)),
            EncounterId = $"{Name}-E{number}",
            EnrolleeId = PersonId(person),
            CareType = draw.Next(4) == 0 ? CareType.Inpatient : CareType.OutpatientSpecialDisease,
            AdmittedOn = discharged.AddDays(-draw.Next(15)).ToString("O"),
            DischargedOn = discharged.ToString("O"),
            TotalFen = total,
            EligibleFen = eligible,
            BasicPaidFen = Math.Min(draw.Next(BasicFenMax), eligible),
        };
    }

    /// <summary>
    /// Numbers of one bill, the same in every process. To begin a seeded System.Random was an eighth of all that the
    /// load generator spent on a call.
    /// </summary>
    struct Draw(int seed, int number)
    {
        ulong _state = unchecked((ulong)(uint)seed << 32 | (uint)number);

        public int Next(int below) => Next(0, below);

        /// <summary>SplitMix64's next, scaled to from … below - 1.</summary>
        public int Next(int from, int below)
        {
            var mixed = unchecked(_state += 0x9E37_79B9_7F4A_7C15);
            mixed = unchecked((mixed ^ mixed >> 30) * 0xBF58_476D_1CE4_E5B9);
            mixed = unchecked((mixed ^ mixed >> 27) * 0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
            return from + (int)((mixed >> 32) * (ulong)(below - from) >> 32);
        }
    }
}
