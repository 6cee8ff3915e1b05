using System.Globalization;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Silo.Tests;

/// <summary>
/// A silo in a process of its own, which the collector gives less memory than its accounts would take.
/// </summary>
public sealed class Silo_process_tests : IAsyncLifetime
{
    // An account is some 3 kB of a silo's memory, and 90 MB are there without any: together 360 MB.
    const int Persons = 90_000;
    const string MemoryMax = "0x14000000"; // 320 MB

    const int BillsACall = 200;
    const int CallsAtOnce = 2;
    const int TriesMax = 100;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    RunningServer _silo = null!;

    public async Task InitializeAsync() => _silo = await RunningServer.StartAsync(ServerPlace.Fresh() with
    {
        Program = "SettlementGrid.Silo",
        Command = [],
        Options = ["--no-sample", "--silo-port", "0", "--gateway-port", "0"],
        Environment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = MemoryMax },
    });

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task With_more_persons_than_memory_holds_accounts_leave_before_their_age_and_nothing_is_lost()
    {
        using var connection = new GrpcConnection(_silo.Place.Grpc);
        var town = new Town("MEMORY", Seed: 71, Persons);
        await town.EnrollAsync(connection);
        var answers = new Settlement[Persons];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Persons / BillsACall), new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce },
            async (call, cancellation) => (await SettleAsync(connection, town, call * BillsACall, cancellation))
                .CopyTo(answers, call * BillsACall));
        var metrics = await MetricsAsync();

        Assert.InRange(metrics["orleans_catalog_activations"], 1, Persons * 0.9);
        var again = await SettleAsync(connection, town, 0, default);
        for (var i = 0; i < BillsACall; i++)
            Assert.Equal(answers[i], again[i]);
        Assert.True((await _silo.RunCommandAsync("verify")).Succeeded);
        ShowsWhatAlarmsAskFor(metrics.Keys);
    }

    /// <summary>
    /// The list by which alarms and dashboards of silos are checked where no silo can be built; below its remark stands
    /// what a silo that lives alone has no occasion to count.
    /// </summary>
    static void ShowsWhatAlarmsAskFor(IEnumerable<string> shown)
    {
        var listed = File.ReadLines(Path.Combine(Repository.Root, "tests", "clients", "lint", "silo-metrics.txt"))
            .TakeWhile(line => line[0] != '#').Select(line => line.Split(' ')[0]).ToList();
        Assert.NotEmpty(listed);
        Assert.Empty(listed.Except(shown));
    }

    static async Task<Settlement[]> SettleAsync(
        GrpcConnection connection, Town town, int from, CancellationToken cancellation)
    {
        var request = new SettleManyRequest();
        for (var person = from; person < from + BillsACall; person++)
            request.Requests.Add(town.Bill(person, person));
        var answer = await connection.CallAsync(GrpcMethods.SettleMany, request, cancellation);
        for (var tries = 1; answer.Status == GrpcStatus.ResourceExhausted && tries < TriesMax; tries++)
        {
            // Too much for the door of a busy machine: the same again a little later, as a hospital does.
            await Task.Delay(Pause, cancellation);
            answer = await connection.CallAsync(GrpcMethods.SettleMany, request, cancellation);
        }
        return
        [
            .. answer.Required.Results.Select(one =>
                one.Settlement ?? throw new InvalidOperationException($"refused: {one}")),
        ];
    }

    async Task<Dictionary<string, double>> MetricsAsync()
    {
        using var http = new HttpClient();
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        var text = await http.GetStringAsync(new Uri(_silo.Place.Http, "/metrics"));
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var name = line[..line.IndexOfAny(['{', ' '])];
            var value = double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
            sums[name] = sums.GetValueOrDefault(name) + value;
        }
        return sums;
    }
}
