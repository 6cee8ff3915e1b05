using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using SettlementGrid.Api;
using SettlementGrid.Api.V1;
using SettlementGrid.Testbed;

namespace SettlementGrid.Crash.Tests;

/// <summary>
/// What no proper client sends, to the running server: each is refused as it should be, the server lives on and the
/// account it aimed at is as it was.
/// </summary>
[Collection(OneServer.Collection)]
public sealed class Bad_input_tests(OneServer one) : IAsyncLifetime
{
    const string Settle = "/settlementgrid.v1.SettlementService/Settle";
    const string SettleMany = "/settlementgrid.v1.SettlementService/SettleMany";
    const int MessageBytesMax = 4 * 1024 * 1024;

    // The victim is the same person in every test; the bills are never taken, so their numbers may come again.
    static readonly Town s_town = new("B", 1, 1);

    static readonly Dictionary<string, Action<SettleRequest>> s_spoiled = new()
    {
        ["negative total"] = bill => bill.TotalFen = -1,
        ["negative basic part"] = bill => bill.BasicPaidFen = -1,
        ["negative over-cap part"] = bill => bill.OverCapEligibleFen = -1,
        ["total above 10^13"] = bill => bill.TotalFen = 10_000_000_000_001,
        ["total of 2^63 - 1"] = bill => bill.TotalFen = long.MaxValue,
        ["parts whose sum overflows"] = bill =>
            bill.TotalFen = bill.EligibleFen = bill.PriorPlansPaidFen = bill.AssistancePaidFen = long.MaxValue,
        ["smallest number there is"] = bill => bill.AssistancePaidFen = long.MinValue,
        ["eligible above total"] = bill => bill.EligibleFen = bill.TotalFen + 1,
        ["parts above total"] = bill => bill.AssistancePaidFen = bill.TotalFen,
        ["discharged in the future"] = bill => bill.DischargedOn = "2999-01-01",
        ["admitted after discharge"] = bill => bill.AdmittedOn = "2026-01-01",
        ["no such day"] = bill => bill.DischargedOn = "2025-02-30",
        ["day in full-width digits"] = bill => bill.DischargedOn = "２０２５-０１-０１",
        ["unknown care type"] = bill => bill.CareType = (CareType)99,
        ["negative enum"] = bill => bill.Channel = (Channel)(-1),
        ["no care type"] = bill => bill.CareType = CareType.Unspecified,
        ["empty request id"] = bill => bill.RequestId = "",
        ["NUL in an id"] = bill => bill.EncounterId = "E\0001",
        ["new line in an id"] = bill => bill.RequestId = "R\n1",
        ["right-to-left override in an id"] = bill => bill.EnrolleeId = "P\u202E1",
        ["Chinese id"] = bill => bill.EnrolleeId = "张三",
        ["id of 10 kB"] = bill => bill.EncounterId = new string('E', 10_000),
        ["id of 65 characters"] = bill => bill.RequestId = new string('R', 65),
        ["SQL in the enrollee"] = bill => bill.EnrolleeId = "'; DROP TABLE ledger.entries; --",
        ["SQL in the request id"] = bill => bill.RequestId = "x' OR '1'='1",
        ["path in the facility"] = bill => bill.FacilityId = "../../etc/passwd",
        ["made-up preview token"] = bill => bill.PreviewToken = "AAAA",
    };

    Account _before = null!;

    public static TheoryData<string> Spoiled => [.. s_spoiled.Keys];

    public async Task InitializeAsync()
    {
        await s_town.EnrollAsync(one.Connection);
        _before = await AccountAsync();
    }

    // Whatever was sent: the server lives and the account did not move.
    public async Task DisposeAsync()
    {
        Assert.True(one.Server.IsAlive, one.Server.Output);
        Assert.Equal(_before, await AccountAsync());
    }

    [Theory]
    [MemberData(nameof(Spoiled))]
    public async Task A_spoiled_bill_is_refused(string what)
    {
        var bill = s_town.Bill(1);
        s_spoiled[what](bill);

        var answer = await one.Connection.CallAsync(GrpcMethods.Settle, bill);

        Assert.Equal(GrpcStatus.InvalidArgument, answer.Status);
        var expected = what switch
        {
            "negative total" or "negative basic part" or "negative over-cap part" or "total above 10^13"
                or "total of 2^63 - 1" or "parts whose sum overflows" or "smallest number there is"
                or "eligible above total" or "parts above total" => "AMOUNT_OUT_OF_RANGE",
            "discharged in the future" or "admitted after discharge" => "DATE_OUT_OF_RANGE",
            _ => "MALFORMED_REQUEST",
        };
        Assert.Equal((expected, $"{expected}: "), (answer.Reason, answer.Message![..(expected.Length + 2)]));
    }

    [Fact]
    public Task A_frame_that_ends_before_its_length_is_refused() =>
        RefusedAsync(Settle, GrpcConnection.Frame(s_town.Bill(1))[..^10]);

    [Fact]
    public Task Half_a_prefix_is_refused() => RefusedAsync(Settle, [0, 0, 0]);

    [Fact]
    public Task No_message_at_all_is_refused() => RefusedAsync(Settle, []);

    [Fact]
    public Task Two_messages_are_refused() => RefusedAsync(
        Settle, [.. GrpcConnection.Frame(s_town.Bill(1)), .. GrpcConnection.Frame(s_town.Bill(2))]);

    [Fact]
    public async Task A_length_prefix_that_is_too_short_is_refused()
    {
        var frame = GrpcConnection.Frame(s_town.Bill(1));
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - GrpcConnection.PrefixBytes - 7);
        await RefusedAsync(Settle, frame);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(255)]
    public async Task Unknown_flags_are_refused(byte flags)
    {
        var frame = GrpcConnection.Frame(s_town.Bill(1));
        frame[0] = flags;
        await RefusedAsync(Settle, frame);
    }

    [Theory]
    [InlineData(0xffffffff)]
    [InlineData(0x80000000)]
    [InlineData(MessageBytesMax + 1u)]
    public async Task A_length_beyond_the_limit_is_refused_unread(uint length)
    {
        var frame = new byte[GrpcConnection.PrefixBytes + 100];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length);
        await RefusedAsync(SettleMany, frame, GrpcStatus.ResourceExhausted, null);
    }

    [Fact]
    public async Task A_whole_message_of_4_MB_and_one_byte_is_refused()
    {
        var body = new byte[GrpcConnection.PrefixBytes + MessageBytesMax + 1];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), MessageBytesMax + 1);
        // The server may close the stream before it has read all of it: then the answer is a broken call.
        try
        {
            await RefusedAsync(SettleMany, body, GrpcStatus.ResourceExhausted, null);
        }
        catch (HttpRequestException)
        {
            Assert.True(one.Server.IsAlive);
        }
    }

    [Fact]
    public async Task Random_bytes_are_refused_or_unreadable_a_thousand_times()
    {
        var draw = new Random(20260102);
        for (var round = 0; round < 1_000; round++)
        {
            // Half of them noise, half a bill with some bytes changed; none keeps a readable request id.
            var payload = new byte[draw.Next(1, 300)];
            draw.NextBytes(payload);
            if (round % 2 == 0)
            {
                payload = s_town.Bill(1).ToByteArray();
                payload[2] = (byte)draw.Next(0, 0x20); // in the request id
                for (var change = 0; change < 3; change++)
                    payload[draw.Next(payload.Length)] = (byte)draw.Next(256);
                payload[2] = (byte)draw.Next(0, 0x20);
            }
            var frame = new byte[GrpcConnection.PrefixBytes + payload.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
            payload.CopyTo(frame, GrpcConnection.PrefixBytes);
            await RefusedAsync(Settle, frame);
        }
    }

    [Theory]
    [InlineData("{\"request_id\":\"R1\",\"amount\":1}", "amount")]
    [InlineData("{\"request_id\":\"R1\",\"care_type\":\"SURGERY\"}", "SURGERY")]
    [InlineData("{\"request_id\":\"R1\",\"total_fen\":1.5}", null)]
    [InlineData("{\"request_id\":\"R1\",\"total_fen\":1e400}", null)]
    [InlineData("{\"request_id\":\"R1\",\"total_fen\":\"NaN\"}", null)]
    [InlineData("{\"request_id\":\"R1\",\"total_fen\":\"9223372036854775808\"}", null)]
    [InlineData("{\"request_id\":\"R1\",\"total_fen\":\"１２３\"}", null)]
    [InlineData("{\"request_id\":\"R1\",\"total_fen\":", null)]
    [InlineData("[]", null)]
    [InlineData("null", null)]
    [InlineData("{\"request_id\":\"R\\u0000\"}", null)]
    public async Task Json_that_is_no_request_is_refused(string json, string? named)
    {
        var (status, text) = await PostJsonAsync(json);

        Assert.Equal(400, status);
        Assert.Contains("MALFORMED_REQUEST", text, StringComparison.Ordinal);
        if (named is not null)
            Assert.Contains(named, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_ten_thousand_levels_deep_is_refused() =>
        Assert.Equal(400, (await PostJsonAsync(new string('[', 10_000) + new string(']', 10_000))).Status);

    async Task RefusedAsync(
        string path, byte[] body, GrpcStatus status = GrpcStatus.InvalidArgument, string? reason = "MALFORMED_REQUEST")
    {
        using var bounded = new CancellationTokenSource(TestbedLimits.CallMax);
        var answer = await one.Connection.SendRawAsync(path, body, bounded.Token);
        Assert.Equal((status, reason), (answer.Status, answer.Reason));
    }

    async Task<(int Status, string Text)> PostJsonAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await one.Http.PostAsync(new Uri(Settle, UriKind.Relative), content);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    async Task<Account> AccountAsync() => (await one.Connection.CallAsync(
        GrpcMethods.GetAccount,
        new GetAccountRequest { EnrolleeId = s_town.PersonId(0), Year = Town.Year })).Required;
}
