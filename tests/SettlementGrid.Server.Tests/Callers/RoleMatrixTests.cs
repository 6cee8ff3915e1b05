using SettlementGrid.Api;
using SettlementGrid.Server.Tests.Running;

namespace SettlementGrid.Server.Tests.Callers;

/// <summary>Every method and every role, over real TLS connections with real keys.</summary>
[Collection(SharedPostgresTests.Name)]
public sealed class RoleMatrixTests(SharedPostgres shared)
{
    // Who may call what, and which calls are audited always. Written down here once more on purpose: whoever changes a
    // row of the method table changes who may do something, and has to say so here too.
    //                                               hospital
    //                                               | insurer
    //                                               | | county
    //                                               | | | citY
    //                                               | | | | auditor
    //                                               | | | | | operator
    private const string Matrix = """
        SettlementService/Preview                    H I . . . .
        SettlementService/Settle                     H I . . . .
        SettlementService/Reverse                    H I . . . .
        SettlementService/Cancel                     H I . . . .
        SettlementService/GetSettlement              H I C Y A .
        SettlementService/ListSettlements            H I C Y A .
        SettlementService/SettleMany                 H I . . . .
        EnrolleeService/PutEnrollees                 . . C Y . .  audited
        EnrolleeService/PutOpeningBalances           . . . Y . .  audited
        EnrolleeService/GetAccount                   . I C Y A .  audited
        FacilityService/PutFacilities                . . . Y . .  audited
        FacilityService/GetFacility                  H I C Y A O
        PlanService/ListPlans                        H I C Y A O
        PlanService/GetPlan                          H I C Y A O
        PlanService/ValidatePlan                     H I C Y A O
        PlanService/PublishPlan                      . . . Y . O  audited
        PlanService/Simulate                         . I C Y A .
        FundService/GetPosition                      . I C Y A .
        FundService/ListPositions                    . I C Y A .
        FundService/WatchPositions                   . I C Y A .
        FundService/RecordPremium                    . . C Y . .  audited
        AuditService/ListAudit                       . . . . A .
        OperationsService/ListServers                . . . . . O
        Health/Check                                 anyone
        Health/Watch                                 anyone
        ServerReflection/ServerReflectionInfo        H I C Y A O
        ServerReflection/ServerReflectionInfo        H I C Y A O
        """;

    private static readonly (Roles Role, char Letter)[] Columns =
    [
        (Roles.Hospital, 'H'), (Roles.Insurer, 'I'), (Roles.County, 'C'), (Roles.City, 'Y'), (Roles.Auditor, 'A'),
        (Roles.Operator, 'O'),
    ];

    [Fact]
    public async Task Method_table_is_as_it_is_written_here() => Assert.Equal(
        Matrix.ReplaceLineEndings("\n"),
        string.Join('\n', (await TableAsync()).Rows.Select(row =>
            $"{row.Name,-44} "
            + (row.Roles == Roles.Anyone ? "anyone"
                : string.Join(' ', Columns.Select(one => row.Roles.HasFlag(one.Role) ? one.Letter : '.')))
            + (row.Audited == Audited.Always ? "  audited" : ""))));

    [Fact]
    public async Task Every_method_answers_every_role_as_it_is_written_here_and_nobody_without_a_key_that_holds()
    {
        await using var server = await KeyedServer.StartAsync(shared, requireKeys: true);
        var keys = new Dictionary<Roles, string>();
        foreach (var (role, _) in Columns)
        {
            keys[role] = await server.KeyAsync(role, Town.OwnHospital, Town.County);
        }

        var (revokedId, revoked) = await server.AddKeyAsync(Roles.All & ~Roles.Anyone, Town.OwnHospital, Town.County);
        await server.RevokeAsync(revokedId);
        var expired = await server.KeyAsync(Roles.All & ~Roles.Anyone, Town.OwnHospital, Town.County, days: -1);
        var whole = keys[Roles.Hospital];
        string?[] wrong =
        [
            null, "Bearer", "Bearer sg_0123456789abcdef_00", $"Basic {whole}", whole, $"Bearer {whole}0",
            $"Bearer {whole[..^1]}", $"Bearer {revoked}", $"Bearer {expired}",
        ];
        var lines = Matrix.Split('\n');
        var differences = new List<string>();
        foreach (var (row, line) in (await TableAsync()).Rows.Zip(lines))
        {
            foreach (var (role, letter) in Columns)
            {
                var status = await server.ProbeAsync(row, $"Bearer {keys[role]}");
                var isLetIn = status is not (GrpcStatus.PermissionDenied or GrpcStatus.Unauthenticated);
                if (isLetIn != (line.Contains("anyone", StringComparison.Ordinal) || line[44..].Contains(letter)))
                {
                    differences.Add($"{row.Name} answers {role} with {status}");
                }
            }

            foreach (var authorization in wrong)
            {
                var status = await server.ProbeAsync(row, authorization);
                if (status == GrpcStatus.Unauthenticated == line.Contains("anyone", StringComparison.Ordinal))
                {
                    differences.Add($"{row.Name} answers '{authorization}' with {status}");
                }
            }
        }

        Assert.Empty(differences);
    }

    private static async Task<MethodTable> TableAsync()
    {
        await using var town = await Town.BuildAsync();
        return MethodTable.Of(town.Methods, () => true, TimeProvider.System);
    }
}
