using Google.Protobuf.Reflection;
using SettlementGrid.Api.V1;

namespace SettlementGrid.Api.Tests;

public sealed class MethodTableTests
{
    private static readonly MethodTable s_table =
        MethodTable.Of(new FakeHandlers().ToHandlers(), () => true, TimeProvider.System);

    /// <summary>Found in the assembly, so that a service in a new file cannot be forgotten here.</summary>
    public static IEnumerable<MethodDescriptor> MethodsOfTheProtos() =>
        typeof(MethodTable).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(type => type.GetProperty("Descriptor")?.GetValue(null))
            .OfType<FileDescriptor>()
            .SelectMany(file => file.Services)
            .SelectMany(service => service.Methods);

    [Fact]
    public void Every_method_of_every_service_has_a_row_with_roles_limit_and_deadline()
    {
        var methods = MethodsOfTheProtos().ToList();

        Assert.True(methods.Count >= 20);
        foreach (var method in methods)
        {
            var row = s_table.Find($"/{method.Service.FullName}/{method.Name}");

            Assert.True(row is not null, $"{method.FullName} has no row in MethodTable.cs");
            Assert.NotEqual(Roles.None, row.Roles);
            Assert.InRange(row.RequestBytesMax, 1, ApiLimits.MessageBytesMax);
            Assert.InRange(row.Deadline, TimeSpan.FromMilliseconds(1), row.DeadlineMax);
        }
    }

    [Fact]
    public void Every_row_has_the_shape_of_its_method()
    {
        foreach (var row in s_table.Rows)
        {
            var shape = (row.Descriptor.IsClientStreaming, row.Descriptor.IsServerStreaming) switch
            {
                (false, false) => MethodShape.Unary,
                (false, true) => MethodShape.ServerStream,
                _ => MethodShape.Bidi,
            };
            Assert.Equal(shape, row.Shape);
            Assert.Equal(row.Descriptor.InputType.ClrType, row.Parser.ParseFrom([]).GetType());
        }
    }

    [Fact]
    public void Only_health_probes_need_no_caller()
    {
        var open = s_table.Rows.Where(row => row.Roles == Roles.Anyone).Select(row => row.Path);

        Assert.Equal(["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"], open);
        Assert.DoesNotContain(
            s_table.Rows, row => row.Roles != Roles.Anyone && (row.Roles & Roles.Anyone) != Roles.None);
    }

    [Fact]
    public void An_auditor_changes_nothing_and_a_hospital_reads_no_accounts()
    {
        string[] changing =
            ["Settle", "Reverse", "Cancel", "SettleMany", "PutEnrollees", "PutOpeningBalances", "PutFacilities",
                "PublishPlan", "RecordPremium"];
        foreach (var row in s_table.Rows.Where(row => changing.Contains(row.Descriptor.Name)))
        {
            Assert.Equal(Roles.None, row.Roles & Roles.Auditor);
        }

        Assert.Equal(
            Roles.None, s_table.Find("/settlementgrid.v1.EnrolleeService/GetAccount")!.Roles & Roles.Hospital);
    }

    [Fact]
    public void A_program_that_does_not_publish_has_no_row_for_it()
    {
        var whole = new FakeHandlers().ToHandlers();
        var without = new Handlers
        {
            Preview = whole.Preview,
            Settle = whole.Settle,
            Reverse = whole.Reverse,
            Cancel = whole.Cancel,
            GetSettlement = whole.GetSettlement,
            ListSettlements = whole.ListSettlements,
            SettleMany = whole.SettleMany,
            PutEnrollees = whole.PutEnrollees,
            PutOpeningBalances = whole.PutOpeningBalances,
            GetAccount = whole.GetAccount,
            PutFacilities = whole.PutFacilities,
            GetFacility = whole.GetFacility,
            ListPlans = whole.ListPlans,
            GetPlan = whole.GetPlan,
            ValidatePlan = whole.ValidatePlan,
            GetPosition = whole.GetPosition,
            ListPositions = whole.ListPositions,
            WatchPositions = whole.WatchPositions,
            RecordPremium = whole.RecordPremium,
            Simulate = whole.Simulate,
        };

        var table = MethodTable.Of(without, () => true, TimeProvider.System);

        Assert.Null(table.Find("/settlementgrid.v1.PlanService/PublishPlan"));
        Assert.NotNull(table.Find("/settlementgrid.v1.PlanService/Simulate"));
    }

    [Fact]
    public void Enums_are_spelled_without_prefix_and_begin_unspecified()
    {
        var enums = MethodsOfTheProtos()
            .Select(method => method.File)
            .Distinct()
            .SelectMany(file => file.Dependencies.Append(file))
            .Distinct()
            .Where(file => file.Package == "settlementgrid.v1")
            .SelectMany(file => file.EnumTypes)
            .ToList();

        Assert.Contains(enums, one => one.Name == "CareType");
        foreach (var one in enums)
        {
            var type = string.Concat(one.Name.Select((letter, at) =>
                at > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));
            type = type.ToUpperInvariant();
            Assert.Equal($"{type}_UNSPECIFIED", one.FindValueByNumber(0).Name);
            Assert.DoesNotContain(
                one.Values, value => value.Number != 0 && value.Name.StartsWith(type + "_", StringComparison.Ordinal));
        }
    }
}
