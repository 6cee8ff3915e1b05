using Google.Protobuf;
using Google.Protobuf.Reflection;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Faults.Running;
using SettlementGrid.Testbed;

namespace SettlementGrid.Faults.Hostile.Fuzzing;

/// <summary>
/// Every text and every number of every request, one at a time, becomes each of the values that break programs: pieces
/// of SQL, NUL, a right-to-left override, 10 kB, the ends of the number range. All else of the request is valid, so
/// that the value gets as far as it can.
/// </summary>
public sealed class Injection : Fault
{
    const int InFlight = 16;
    const int HealthyPerSecond = 20;

    // In a slice some of them: all are three thousand.
    const int SliceEvery = 7;

    public override string Name => "injection";

    public override IReadOnlyList<int> Numbers => [31, 32, 39];

    public override string What => "SQL, NUL, bidi marks, 10 kB and edge amounts in every field of every request";

    public override string WhatChinese => "每个字段逐一注入 SQL、控制字符、超长文本与边界金额";

    public override bool Shares => false;

    public override async Task RunAsync(FaultRun run)
    {
        var servers = await run.ServersAsync(1);
        var load = await run.LoadAsync(servers, FaultLimits.At(HealthyPerSecond));
        var seeds = new Seeds(run.Seed);
        using (var connection = new GrpcConnection(servers[0].Place.Grpc))
            _ = (await connection.CallAsync(GrpcMethods.PutEnrollees, seeds.Roster())).Required;
        var tables = await TablesAsync(run);
        var acknowledged = new Acknowledged();
        var every = run.IsSlice ? SliceEvery : 1;
        var all = Messages(seeds).Where((_, index) => index % every == run.Seed % every).ToList();
        using (var caller = new FuzzCaller(servers[0].Place))
        {
            var some = new ParallelOptions { MaxDegreeOfParallelism = InFlight };
            await Parallel.ForEachAsync(all, some, async (message, _) =>
            {
                var answer = await caller.SendAsync(message);
                if ((Judgement.Of(message, answer) ?? acknowledged.Note(message, answer)) is { } finding)
                    run.Verdict.Find($"{finding}\n    {message.Again(servers[0].Place.Grpc)}");
            });
        }
        run.Say($"{all.Count:n0} requests, {acknowledged.Count:n0} of them settled or reversed; {tables} tables");
        run.Verdict.Require(tables == await TablesAsync(run), "The database has other tables than before.");
        run.Verdict.Require(load.Hospitals.Receipts().Count > 0, "No healthy bill was settled in between.");
        foreach (var difference in await acknowledged.CompareAsync(run.Site.Connection))
            run.Verdict.Find(difference);
    }

    static IEnumerable<FuzzMessage> Messages(Seeds seeds)
    {
        var number = 0;
        foreach (var method in FuzzTable.Rows)
        {
            var places = FieldMutation.Places(Sample(seeds, method, 0)).Count;
            for (var place = 0; place < places; place++)
            {
                var values = Values(FieldMutation.Places(Sample(seeds, method, 0))[place].Field);
                foreach (var value in values)
                {
                    // Made anew each time: a request id that was settled would be answered as a repetition.
                    number++;
                    var message = Sample(seeds, method, number);
                    var (of, field) = FieldMutation.Places(message)[place];
                    field.Accessor.SetValue(of, value);
                    yield return Of(number, method, message, $"{field.FullName} = {Short($"{value}")}");
                }
            }
        }
    }

    static IMessage Sample(Seeds seeds, Method method, int number) =>
        // The same draw each time, so that the same fields are set.
        seeds.Of(method.Descriptor.InputType, number, new Random(method.Path.Length));

    static IEnumerable<object> Values(FieldDescriptor field) => field switch
    {
        { IsRepeated: true } => [],
        { FieldType: FieldType.String } => FieldMutation.Texts,
        { FieldType: FieldType.Int64 } => FieldMutation.Numbers.Cast<object>(),
        { FieldType: FieldType.Int32 } =>
            FieldMutation.Numbers.Where(one => one == (int)one).Select(one => (object)(int)one),
        _ => [],
    };

    // By gRPC and, every second, as JSON, which parses by itself.
    static FuzzMessage Of(int number, Method method, IMessage message, string what)
    {
        if (number % 2 == 0 || method.Shape != MethodShape.Unary || FieldMutation.HasNoJson(message))
            return new FuzzMessage(number, method, "application/grpc", Wire.Frames.Grpc(message.ToByteArray()), what);
        var json = JsonFormatter.Default.Format(message);
        return new FuzzMessage(number, method, "application/json", System.Text.Encoding.UTF8.GetBytes(json), what);
    }

    static string Short(string value) => value.Length > 40 ? $"{value[..8]}… of {value.Length}" : value;

    static async Task<long> TablesAsync(FaultRun run)
    {
        await using var source = NpgsqlDataSource.Create(run.Site.Connection);
        await using var ask = source.CreateCommand(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'ledger'");
        return (long)(await ask.ExecuteScalarAsync())!;
    }
}
