using System.Buffers;
using System.Text;
using Google.Protobuf;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests;

/// <summary>A request of a hundred thousand empty messages is refused before one of them is made.</summary>
public sealed class RequestItemsTests
{
    private const string SettleMany = "/settlementgrid.v1.SettlementService/SettleMany";
    private const int Most = ApiLimits.RequestItemsMax;

    [Theory]
    [InlineData(0, false)]
    [InlineData(Most, false)]
    [InlineData(Most + 1, true)]
    [InlineData(100_000, true)]
    public async Task A_list_has_a_bound_by_gRPC_and_by_JSON(int items, bool isTooMany)
    {
        var handled = 0;
        await using var host = await ApiHost.StartAsync(new FakeHandlers
        {
            SettleMany = (_, _) =>
            {
                handled++;
                return new(new SettleManyResponse());
            },
        });
        var empties = new byte[2 * items];
        for (var i = 0; i < empties.Length; i += 2)
        {
            empties[i] = 0x0a;
        }

        var byGrpc = await host.Grpc.SendAsync(SettleMany, Frame(empties));
        var json = $$"""{"requests":[{{string.Join(',', Enumerable.Repeat("{}", items))}}]}""";
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var byJson = await host.Http1.PostAsync(new Uri(SettleMany, UriKind.Relative), content);

        Assert.Equal(isTooMany ? GrpcStatus.InvalidArgument : GrpcStatus.Ok, byGrpc.Status);
        Assert.Equal(isTooMany ? "MALFORMED_REQUEST" : null, byGrpc.Reason);
        Assert.Equal(isTooMany ? 400 : 200, (int)byJson.StatusCode);
        Assert.Equal(isTooMany ? 0 : 2, handled);
    }

    [Fact]
    public void Lists_within_items_count_together()
    {
        var items = RequestItems.Of(PutEnrolleesRequest.Descriptor)!;
        var entry = new Enrollee { EnrolleeId = "p", RegionId = "150502" };
        entry.Coverages.AddRange(Enumerable.Range(0, 32).Select(_ => new Coverage()));
        var request = new PutEnrolleesRequest();
        for (var number = 0; number < ApiLimits.RequestMessagesMax / 33; number++)
        {
            request.Enrollees.Add(entry);
        }

        Assert.False(items.IsTooMany(new ReadOnlySequence<byte>(request.ToByteArray())));
        request.Enrollees.Add(entry);
        Assert.True(items.IsTooMany(new ReadOnlySequence<byte>(request.ToByteArray())));
        Assert.True(RequestItems.IsTooManyJson(
            new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request)))));
    }

    [Fact]
    public void Requests_without_lists_are_not_looked_at()
    {
        Assert.Null(RequestItems.Of(SettleRequest.Descriptor));
        Assert.NotNull(RequestItems.Of(SettleManyRequest.Descriptor));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Damaged_bytes_in_any_pieces_are_left_to_the_parser(int seed)
    {
        var draw = new Random(seed);
        var items = RequestItems.Of(PutEnrolleesRequest.Descriptor)!;
        var request = new PutEnrolleesRequest();
        for (var number = 0; number < 20; number++)
        {
            var coverage = new Coverage { PlanId = "a" };
            request.Enrollees.Add(new Enrollee { EnrolleeId = $"p{number}", Coverages = { coverage } });
        }

        var whole = request.ToByteArray();
        for (var round = 0; round < 2_000; round++)
        {
            var bytes = whole.ToArray();
            for (var changes = draw.Next(4); changes > 0; changes--)
            {
                bytes[draw.Next(bytes.Length)] = (byte)draw.Next(256);
            }

            // Twenty entries cannot become a thousand by a few changed bytes, and nothing is thrown.
            Assert.False(items.IsTooMany(Pieces(bytes[..draw.Next(bytes.Length + 1)], draw)));
        }
    }

    private static ReadOnlySequence<byte> Pieces(byte[] bytes, Random draw)
    {
        var first = new Piece(default, 0);
        var last = first;
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(draw.Next(1, 40), bytes.Length - at);
            last = last.Followed(bytes.AsMemory(at, length));
            at += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long before) => (Memory, RunningIndex) = (memory, before);

        public Piece Followed(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
