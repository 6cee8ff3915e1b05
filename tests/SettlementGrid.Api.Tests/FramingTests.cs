using Google.Protobuf;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests;

/// <summary>What no proper client sends: each is refused in gRPC's words and the next call is served.</summary>
public sealed class FramingTests : IAsyncLifetime
{
    private static readonly SettleRequest s_request = new()
    {
        RequestId = "r-1",
        FacilityId = "H15050200001",
        EnrolleeId = "e-1",
        TotalFen = 5_000_000,
        CareType = CareType.Inpatient,
        PreviewToken = "p",
    };

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync()
    {
        var after = await _host.Grpc.CallAsync(Settle, s_request);
        Assert.Equal(GrpcStatus.Ok, after.Status);
        Assert.Empty(_host.Log.Errors);
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task A_frame_split_at_every_byte_is_read()
    {
        var pieces = Frame(s_request).Select(one => new[] { one });

        var reply = await _host.Grpc.SendAsync(Settle, new PiecesContent(pieces));

        Assert.Equal(FakeHandlers.Echo(s_request), reply.Settlement());
    }

    [Fact]
    public async Task A_frame_cut_at_any_byte_is_malformed()
    {
        var frame = Frame(s_request);
        for (var kept = 0; kept < frame.Length; kept++)
        {
            var reply = await _host.Grpc.SendAsync(Settle, frame[..kept]);

            Assert.Equal(GrpcStatus.InvalidArgument, reply.Status);
            Assert.Equal("MALFORMED_REQUEST", reply.Reason);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_length_that_is_off_by_one_is_malformed(int off)
    {
        var frame = Frame(s_request);
        frame[4] = (byte)(frame[4] + off);

        var reply = await _host.Grpc.SendAsync(Settle, frame);

        Assert.Equal("MALFORMED_REQUEST", reply.Reason);
    }

    [Fact]
    public async Task A_second_message_on_a_unary_call_is_malformed()
    {
        var reply = await _host.Grpc.SendAsync(Settle, [.. Frame(s_request), .. Frame(s_request)]);

        Assert.Equal("MALFORMED_REQUEST", reply.Reason);
        Assert.Contains("消息", reply.Message);
    }

    [Fact]
    public async Task A_message_one_byte_over_4_MB_is_refused_at_its_length_unread()
    {
        const string path = "/settlementgrid.v1.SettlementService/SettleMany";
        // The length is stated, the bytes never come: only an answer that does not wait for them can arrive.
        using var endless = new EndlessContent(0, 0x00, 0x40, 0x00, 0x01);

        var reply = await _host.Grpc.SendAsync(path, endless);

        Assert.Equal(GrpcStatus.ResourceExhausted, reply.Status);
    }

    [Fact]
    public async Task An_answer_arrives_whole_at_every_size_around_that_of_the_connections_buffers()
    {
        var length = 0;
        var handlers = new FakeHandlers
        {
            Settle = (_, _) => new(new Settlement { SettlementId = new string('x', Volatile.Read(ref length)) }),
        };
        await using var host = await ApiHost.StartAsync(handlers);
        foreach (var wanted in (int[])[0, 3_990, 3_997, 3_998, 4_000, 4_092, 4_096, 100_000, 700_000])
        {
            Volatile.Write(ref length, wanted);
            var reply = await host.Grpc.CallAsync(Settle, s_request);
            Assert.Equal(GrpcStatus.Ok, reply.Status);
            Assert.Equal(wanted, reply.Settlement().SettlementId.Length);
        }
    }

    [Fact]
    public async Task A_message_of_exactly_4_MB_is_served()
    {
        const string path = "/settlementgrid.v1.SettlementService/SettleMany";
        var request = new SettleManyRequest { Requests = { new SettleRequest() } };
        // Tags and lengths of the two levels of nesting take ten bytes at this size.
        request.Requests[0].EncounterId = new string('x', ApiLimits.MessageBytesMax - 10);
        Assert.Equal(ApiLimits.MessageBytesMax, request.CalculateSize());

        var served = await _host.Grpc.CallAsync(path, request);
        request.Requests[0].EncounterId += "x";
        var refused = await _host.Grpc.CallAsync(path, request);

        Assert.Equal(GrpcStatus.Ok, served.Status);
        Assert.Equal(GrpcStatus.ResourceExhausted, refused.Status);
    }

    [Fact]
    public async Task A_length_of_four_gigabytes_is_refused_unread()
    {
        using var endless = new EndlessContent(0, 0xff, 0xff, 0xff, 0xff);

        var reply = await _host.Grpc.SendAsync(Settle, endless);

        Assert.Equal(GrpcStatus.ResourceExhausted, reply.Status);
    }

    [Fact]
    public async Task A_compressed_message_is_unimplemented_and_identity_is_offered()
    {
        var reply = await _host.Grpc.SendAsync(
            Settle, Frame(s_request.ToByteArray(), flags: 1), ("grpc-encoding", "gzip"));

        Assert.Equal(GrpcStatus.Unimplemented, reply.Status);
        Assert.Equal("identity", reply.Trailer("grpc-accept-encoding"));
    }

    [Fact]
    public async Task Unknown_frame_flags_are_malformed()
    {
        var reply = await _host.Grpc.SendAsync(Settle, Frame(s_request.ToByteArray(), flags: 0x80));

        Assert.Equal("MALFORMED_REQUEST", reply.Reason);
    }

    [Fact]
    public async Task Groups_nested_a_thousand_deep_are_malformed()
    {
        // Field 99 as the start of a group, over and over.
        var nested = Enumerable.Repeat<byte[]>([0x9b, 0x06], 1000).SelectMany(tag => tag).ToArray();

        var reply = await _host.Grpc.SendAsync(Settle, Frame(nested));

        Assert.Equal("MALFORMED_REQUEST", reply.Reason);
    }

    [Fact]
    public async Task Unknown_enum_numbers_are_malformed_and_named()
    {
        var top = await _host.Grpc.CallAsync(Settle, new SettleRequest { CareType = (CareType)77 });
        var nested = await _host.Grpc.CallAsync(
            "/settlementgrid.v1.EnrolleeService/PutEnrollees",
            new PutEnrolleesRequest
            {
                Enrollees =
                {
                    new Enrollee(),
                    new Enrollee { Identities = { new Identity { Kind = (IdentityKind)(-1) } } },
                },
            });

        Assert.Equal("MALFORMED_REQUEST", top.Reason);
        Assert.Contains("care_type = 77", top.Message);
        Assert.Equal("MALFORMED_REQUEST", nested.Reason);
        Assert.Contains("enrollees.[1].identities.[0].kind = -1", nested.Message);
    }

    [Fact]
    public async Task A_time_outside_the_calendar_is_malformed()
    {
        var reply = await _host.Grpc.CallAsync(
            "/settlementgrid.v1.SettlementService/ListSettlements",
            new ListSettlementsRequest { SettledTo = new() { Seconds = long.MaxValue } });

        Assert.Equal("MALFORMED_REQUEST", reply.Reason);
        Assert.Contains("settled_to", reply.Message);
    }

    [Fact]
    public async Task Two_thousand_mutated_messages_are_served_or_malformed_and_nothing_else()
    {
        var random = new Random(20_260_301);
        for (var round = 0; round < 2_000; round++)
        {
            var payload = s_request.ToByteArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                payload[random.Next(payload.Length)] = (byte)random.Next(256);
            }

            var reply = await _host.Grpc.SendAsync(Settle, Frame(payload));

            Assert.True(
                reply.Status is GrpcStatus.Ok || reply.Reason == "MALFORMED_REQUEST",
                $"{Convert.ToHexString(payload)}: {reply.Status} {reply.Message}");
        }
    }

    [Fact]
    public async Task Two_thousand_random_bodies_are_refused_or_served()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            var body = new byte[random.Next(64)];
            random.NextBytes(body);
            if (body.Length > 5 && random.Next(2) == 0)
            {
                body = Frame(body);
            }

            var reply = await _host.Grpc.SendAsync(Settle, body);

            Assert.NotEqual(GrpcStatus.Internal, reply.Status);
        }
    }
}
