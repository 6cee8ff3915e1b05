using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Health.V1;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Silo.Tests;

/// <summary>Silos and a gateway on one database, asked from outside.</summary>
public sealed class Program_tests(Programs programs) : IClassFixture<Programs>
{
    [Fact]
    public async Task The_same_request_by_every_door_is_one_settlement()
    {
        await programs.First.Enroll("anna");
        var first = await programs.Gateway.Settle("anna", "r1");
        Assert.Equal(360_000, long.Parse(first.GetProperty("plans_paid_fen").ToString()));
        foreach (var door in new[] { programs.First, programs.Second, programs.Gateway })
            Assert.Equal(first.ToString(), (await door.Settle("anna", "r1")).ToString());
    }

    [Fact]
    public async Task GRPCs_library_answers_the_rows_of_the_table()
    {
        var (status, message) = await Call("grpc.health.v1.Health/Check", new HealthCheckRequest());
        Assert.Equal("0", status["grpc-status"]);
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.Serving, HealthCheckResponse.Parser.ParseFrom(message).Status);
    }

    [Fact]
    public async Task A_refusal_by_gRPCs_library_says_what_every_wire_says()
    {
        var (status, message) = await Call("settlementgrid.v1.SettlementService/Settle", new SettleRequest());
        Assert.Empty(message);
        Assert.Equal("3", status["grpc-status"]);
        Assert.Equal("MALFORMED_REQUEST", status["settlementgrid-reason"]);
        var details = Google.Rpc.Status.Parser.ParseFrom(Base64(status["grpc-status-details-bin"]));
        Assert.Equal("MALFORMED_REQUEST", details.Details[0].Unpack<Refusal>().Reason);
    }

    [Fact]
    public async Task A_call_whose_body_is_still_to_come_stands_aside()
    {
        var rest = new TaskCompletionSource();
        var answer = Call("settlementgrid.v1.SettlementService/Settle", new SettleRequest(), rest.Task);
        await ArrivingBecomes(1);
        rest.SetResult();
        Assert.Equal("MALFORMED_REQUEST", (await answer).Status["settlementgrid-reason"]);
        await ArrivingBecomes(0);
    }

    [Fact]
    public async Task An_unknown_method_is_unimplemented()
    {
        var (status, _) = await Call("settlementgrid.v1.SettlementService/Guess", new SettleRequest());
        Assert.Equal("12", status["grpc-status"]);
    }

    [Fact]
    public async Task A_silo_that_leaves_in_order_costs_no_settlement()
    {
        const int persons = 40;
        for (var i = 0; i < persons; i++)
            await programs.First.Enroll("leaving-" + i);
        var third = await programs.Start("third", programs.Silo);
        await Task.WhenAll(Enumerable.Range(0, persons).Select(i => third.Settle("leaving-" + i, $"leave-{i}-a")));
        var asked = Enumerable.Range(0, persons)
            .Select(i => programs.Gateway.Settle("leaving-" + i, $"leave-{i}-b")).ToList();
        await third.StopAsync();
        asked.AddRange(Enumerable.Range(0, persons)
            .Select(i => programs.Gateway.Settle("leaving-" + i, $"leave-{i}-c")));
        Assert.All(
            await Task.WhenAll(asked),
            answer => Assert.Equal(26, answer.GetProperty("settlement_id").GetString()!.Length));
        await third.DisposeAsync();
    }

    static byte[] Base64(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));

    /// <summary>Of all programs of this process together: /metrics of each would tell of any one of them.</summary>
    static async Task ArrivingBecomes(int expected)
    {
        var arriving = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listening) =>
        {
            if (instrument.Name == "api.calls_arriving")
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, calls, _, _) => arriving += calls);
        listener.Start();
        for (var tries = 0; tries == 0 || arriving != expected && tries < 200; tries++)
        {
            // Nothing outside tells when the server has met the headers.
            await Task.Delay(50);
            arriving = 0;
            listener.RecordObservableInstruments();
        }
        Assert.Equal(expected, arriving);
    }

    /// <summary>One unary call as HTTP/2 carries it: headers or trailers, and the message.</summary>
    /// <param name="rest">When the message follows the prefix; null: at once.</param>
    async Task<(Dictionary<string, string> Status, byte[] Message)> Call(
        string method, IMessage request, Task? rest = null)
    {
        var framed = new byte[5 + request.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), request.CalculateSize());
        request.WriteTo(framed.AsSpan(5));
        using var content = new LateContent(framed, rest ?? Task.CompletedTask);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var call = new HttpRequestMessage(HttpMethod.Post, new Uri(programs.Gateway.Grpc, method))
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content,
        };
        call.Headers.Add("te", "trailers");
        using var http = new HttpClient();
        using var answer = await http.SendAsync(call);
        var body = await answer.Content.ReadAsByteArrayAsync();
        var status = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in answer.Headers.Concat(answer.TrailingHeaders))
            status[name] = string.Join(',', values);
        return (status, body.Length > 5 ? body[5..] : []);
    }

    /// <summary>All but the last byte at once, that one when it is told.</summary>
    sealed class LateContent(byte[] bytes, Task rest) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length - 1));
            await stream.FlushAsync();
            await rest;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length - 1));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
