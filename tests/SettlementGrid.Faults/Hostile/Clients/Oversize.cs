using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using SettlementGrid.Faults.Hostile.Wire;

namespace SettlementGrid.Faults.Hostile.Clients;

/// <summary>What is too large: 4 MiB and a byte, a small gzip that grows, 100,000 items (fault 34).</summary>
public sealed class Oversize : HostileClient
{
    const int MessageBytesMax = 4 * 1024 * 1024;
    const int Items = 100_000;
    const string SettleMany = "/settlementgrid.v1.SettlementService/SettleMany";
    const string PutEnrollees = "/settlementgrid.v1.EnrolleeService/PutEnrollees";

    public override string Name => "oversize";

    public override string What => "4 MiB and a byte by gRPC and JSON, gzip that grows to 64 MB, 100,000 items a call";

    public override string WhatChinese => "超大报文、压缩炸弹、十万条目";

    public override Task RunAsync(Target target) => Task.WhenAll(
        Enumerable.Range(0, target.Of(HostileLimits.OversizeConnections)).Select(_ => SendAsync(target)));

    /// <summary>Each of the bodies with its path, content type and encoding.</summary>
    public static IReadOnlyList<(string Path, string Type, string? Encoding, byte[] Body)> Bodies()
    {
        var bomb = Zipped(new byte[64 * 1024 * 1024]);
        // A bill and a roster entry without any field: two bytes each.
        var empties = new byte[2 * Items];
        for (var i = 0; i < empties.Length; i += 2)
            empties[i] = 0x0a;
        var json = System.Text.Encoding.ASCII.GetBytes(
            "{\"requests\":[" + string.Join(',', Enumerable.Repeat("{}", Items)) + "]}");
        return
        [
            (SettleMany, "application/grpc", null, Frames.Grpc(new byte[MessageBytesMax + 1])),
            (SettleMany, "application/json", null, [.. Enumerable.Repeat((byte)' ', MessageBytesMax + 1)]),
            (SettleMany, "application/grpc", "gzip", Frames.Grpc(bomb, flags: 1)),
            (SettleMany, "application/json", "gzip", bomb),
            (SettleMany, "application/grpc", null, Frames.Grpc(empties)),
            (PutEnrollees, "application/grpc", null, Frames.Grpc(empties)),
            (SettleMany, "application/json", null, json),
        ];
    }

    static async Task SendAsync(Target target)
    {
        var bodies = Bodies();
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var http = new HttpMessageInvoker(handler);
        target.Counts.Opened();
        target.Counts.Held();
        for (var number = 0; !target.Over.IsCancellationRequested; number++)
        {
            var (path, type, encoding, body) = bodies[number % bodies.Count];
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(target.Grpc, path))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(body),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
            if (encoding is not null && type == "application/grpc")
                request.Headers.TryAddWithoutValidation("grpc-encoding", encoding);
            else if (encoding is not null)
                request.Content.Headers.ContentEncoding.Add(encoding);
            try
            {
                using var answer = await http.SendAsync(request, target.Over);
                await answer.Content.CopyToAsync(Stream.Null, target.Over);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                target.Counts.Closed();
            }
            catch (OperationCanceledException) when (target.Over.IsCancellationRequested)
            {
                return;
            }
            target.Counts.Sent(1);
        }
    }

    static byte[] Zipped(byte[] plain)
    {
        using var into = new MemoryStream();
        using (var zip = new GZipStream(into, CompressionLevel.Optimal))
            zip.Write(plain);
        return into.ToArray();
    }
}
