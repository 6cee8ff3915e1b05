using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SettlementGrid.Api.V1;
using static SettlementGrid.Api.Tests.GrpcClient;

namespace SettlementGrid.Api.Tests;

/// <summary>Server streams for callers without a gRPC stack: enveloped JSON over HTTP/1.1.</summary>
public sealed class ConnectStreamTests
{
    [Fact]
    public async Task A_stream_sends_its_responses_and_then_an_end_frame()
    {
        await using var host = await ApiHost.StartAsync();

        var (status, frames) = await PostAsync(host, Frame("{\"year\":2}"u8.ToArray()));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal([(byte)0, (byte)0, (byte)2], frames.Select(frame => frame.Flags));
        Assert.Equal("2", frames[1].Json.GetProperty("progress").GetProperty("settlements_done").GetString());
        Assert.Equal("{}", frames[2].Json.GetRawText());
    }

    [Fact]
    public async Task A_refused_stream_says_so_in_its_end_frame()
    {
        var handlers = new FakeHandlers
        {
            Simulate = async (_, _, write) =>
            {
                await write(new SimulateResponse());
                return new WireRefusal("PLAN_INVALID", "方案有误。", "The plan is invalid.");
            },
        };
        await using var host = await ApiHost.StartAsync(handlers);

        var (status, frames) = await PostAsync(host, Frame("{}"u8.ToArray()));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, frames.Count);
        var error = frames[1].Json.GetProperty("error");
        Assert.Equal("failed_precondition", error.GetProperty("code").GetString());
        Assert.StartsWith("PLAN_INVALID: ", error.GetProperty("message").GetString());
        Assert.Equal("settlementgrid.v1.Refusal", error.GetProperty("details")[0].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("", "invalid_argument")]
    [InlineData("000000000a7b7d", "invalid_argument")]
    [InlineData("010000000" + "27b7d", "unimplemented")]
    [InlineData("000000000c7b226e6f7468696e67223a317d", "invalid_argument")]
    [InlineData("00ffffffff", "resource_exhausted")]
    public async Task A_bad_request_frame_is_refused_in_the_end_frame(string hex, string code)
    {
        await using var host = await ApiHost.StartAsync();

        var (status, frames) = await PostAsync(host, Convert.FromHexString(hex));

        Assert.Equal(HttpStatusCode.OK, status);
        var end = Assert.Single(frames);
        Assert.Equal(2, end.Flags);
        Assert.Equal(code, end.Json.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_caller_without_the_role_is_refused_in_the_end_frame()
    {
        await using var host = await ApiHost.StartAsync(identify: _ => new Caller("h-1", Roles.Hospital));

        var (_, frames) = await PostAsync(host, Frame("{}"u8.ToArray()));

        var error = Assert.Single(frames).Json.GetProperty("error");
        Assert.Equal("permission_denied", error.GetProperty("code").GetString());
    }

    private static async Task<(HttpStatusCode Status, List<(byte Flags, JsonElement Json)> Frames)> PostAsync(
        ApiHost host, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/connect+json");
        using var response = await host.Http1.PostAsync(Simulate, content);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var frames = new List<(byte, JsonElement)>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 1));
            var json = Encoding.UTF8.GetString(bytes, at + 5, length);
            frames.Add((bytes[at], JsonDocument.Parse(json).RootElement));
            at += 5 + length;
        }

        return (response.StatusCode, frames);
    }
}
