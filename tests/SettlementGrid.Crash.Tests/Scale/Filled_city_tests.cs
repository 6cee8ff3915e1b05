using SettlementGrid.Postgres;
using SettlementGrid.ScaleLedger;
using SettlementGrid.Testbed;

namespace SettlementGrid.Crash.Tests.Scale;

/// <summary>What measures a large ledger is made here small, so that it cannot rot.</summary>
public sealed class Filled_city_tests
{
    // More discharges than persons, so that some have several, some are corrected and the cap of a year is met.
    const int Persons = 300;
    const int Discharges = 2_000;

    [Fact]
    public async Task A_city_filled_by_copy_verifies_and_the_server_settles_for_its_people()
    {
        var folder = TemporaryPostgres.NewFolder();
        try
        {
            await new Filling(folder, new City(Persons, Discharges, 1), 4, TimeProvider.System, _ => { })
                .Run(CancellationToken.None);
            await using var server = await RunningServer.StartAsync(ServerPlace.On(folder));
            var verification = await server.RunCommandAsync("verify");
            Assert.True(verification.Succeeded, verification.Output);
            Assert.Contains("fund checkpoints compared: all as it was written", verification.Output,
                StringComparison.Ordinal);

            var town = new Town("Visit", 1, Persons) { Roster = City.Name };
            using var connection = new GrpcConnection(server.Place.Grpc);
            var settled = await connection.CallAsync(GrpcMethods.Settle, town.Bill(1));
            Assert.Equal(town.Bill(1).EnrolleeId, settled.Required.EnrolleeId);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_discharge_is_the_same_whenever_it_is_made()
    {
        var (city, again) = (new City(Persons, Discharges, 7), new City(Persons, Discharges, 7));
        for (var i = 0; i < Discharges; i++)
        {
            Assert.Equal(city.PersonOf(i), again.PersonOf(i));
            Assert.Equal(city.Bill(i, "p", "", 55), again.Bill(i, "p", "", 55));
            Assert.InRange(city.Bill(i, "p", "", 55).Bill.DischargedOn.Year, Town.Year, Town.Year);
        }
        Assert.Equal(Persons, city.Heads().Sum(county => county.Heads));
        Assert.InRange(Enumerable.Range(0, Discharges).Count(city.IsCorrected), 5, 60);
    }
}
