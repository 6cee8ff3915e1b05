using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Api.Tests;

/// <summary>Which calls the host is told of, and what is counted of all others.</summary>
public sealed class AuditHookTests
{
    private readonly ConcurrentQueue<AuditedCall> _noted = new();
    private bool _hasRoom = true;

    [Fact]
    public async Task Every_call_of_an_audited_row_is_told_and_of_any_other_only_refused_callers()
    {
        await using var host = await StartAsync();
        foreach (var row in Table().Rows.Where(row => row.Shape == MethodShape.Unary && row.Roles != Roles.Anyone))
        {
            await host.Http1.PostAsync(row.Path, Json("{}"));
            Assert.Equal(row.Audited == Audited.Always, _noted.TryDequeue(out var noted));
            if (noted is not null)
            {
                Assert.Equal((row.Name, "OK"), (noted.Method, noted.Outcome));
            }
        }
    }

    [Fact]
    public async Task Refused_callers_are_told_of_every_method_with_whom_they_claimed_to_be()
    {
        var claimed = new Caller("0123456789abcdef", Roles.None, "", "150502");
        await using var host = await StartAsync(http =>
        {
            http.Features.Set(new ClaimedCaller(claimed));
            return new WireRefusal("UNAUTHENTICATED", "中", "en");
        });
        foreach (var row in Table().Rows.Where(row => row.Shape == MethodShape.Unary))
        {
            await host.Http1.PostAsync(row.Path, Json("{}"));
            Assert.Equal(row.Roles != Roles.Anyone, _noted.TryDequeue(out var noted));
            if (noted is not null)
            {
                Assert.Equal((claimed, row.Name, "UNAUTHENTICATED"), (noted.Caller, noted.Method, noted.Outcome));
                Assert.StartsWith("from 127.0.0.1", noted.Subject, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("""{"enrollee_id":"150502199001011234","year":2026}""", "enrollee_id=15**************34 year=2026")]
    [InlineData("""{"enrollee_id":"150502 199001011234","year":2026}""", "year=2026")]
    [InlineData("""{"enrollee_id":"TL1","year":2026}""", "enrollee_id=*** year=2026")]
    [InlineData("""{"enrollee_id":150502199001011234567}""", "from 127.0.0.1")]
    public async Task Subject_names_the_person_masked_and_repeats_no_text_that_is_no_id(string json, string subject)
    {
        await using var host = await StartAsync();
        await host.Http1.PostAsync("/settlementgrid.v1.EnrolleeService/GetAccount", Json(json));
        Assert.Equal(subject, Assert.Single(_noted).Subject);
    }

    [Fact]
    public async Task Without_room_in_the_audit_an_audited_call_is_not_carried_out_and_others_are()
    {
        _hasRoom = false;
        await using var host = await StartAsync();
        using var refused = await host.Http1.PostAsync("/settlementgrid.v1.EnrolleeService/GetAccount", Json("{}"));
        Assert.Contains("OVERLOADED", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var served = await host.Http1.PostAsync("/settlementgrid.v1.SettlementService/Settle", Json("{}"));
        Assert.Equal(200, (int)served.StatusCode);
    }

    [Fact]
    public async Task Every_call_is_counted_by_method_and_outcome()
    {
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "api.calls")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            counted.Enqueue($"{value} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}"));
        listener.Start();
        var handlers = new FakeHandlers { Settle = (_, _) => new(FakeHandlers.Reused) };
        await using var host = await StartAsync(handlers: handlers);
        await host.Http1.PostAsync("/settlementgrid.v1.SettlementService/Settle", Json("{}"));
        await host.Http1.PostAsync("/settlementgrid.v1.SettlementService/Settle", Json("nonsense"));
        await host.Http1.PostAsync("/settlementgrid.v1.SettlementService/Cancel", Json("{}"));

        // Other tests' calls are counted at the same time.
        Assert.Contains("1 SettlementService/Settle REQUEST_ID_REUSED", counted);
        Assert.Contains("1 SettlementService/Settle MALFORMED_REQUEST", counted);
        Assert.Contains("1 SettlementService/Cancel OK", counted);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static MethodTable Table() =>
        MethodTable.Of(new FakeHandlers().ToHandlers(), () => true, TimeProvider.System);

    private Task<ApiHost> StartAsync(
        Func<Microsoft.AspNetCore.Http.HttpContext, Result<Caller>>? identify = null, FakeHandlers? handlers = null) =>
        ApiHost.StartAsync(handlers, identify: identify, audit: new AuditHook(() => _hasRoom, _noted.Enqueue));
}
