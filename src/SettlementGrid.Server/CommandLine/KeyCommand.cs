using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Plans;
using SettlementGrid.Server.Callers;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>`key create|list|revoke`: the machines' keys, with the server up or down.</summary>
public sealed class KeyCommand
{
    private const int DefaultDays = 365;

    private readonly DatabaseChoice _database = new();

    private readonly Option<string[]> _role = new("--role")
    {
        Description = "hospital, insurer, county, city, auditor or operator; may be given more than once 角色",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _facility = new("--facility")
    {
        Description = "the facility id it speaks for 医药机构编号",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string> _region = new("--region")
    {
        Description = "the region it sees, with those under it 行政区划代码",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string> _name = new("--name")
    {
        Description = "who holds it, for the list 持有者",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<DateOnly?> _expires = new("--expires")
    {
        Description = $"last day it holds, YYYY-MM-DD, Beijing; left out: {DefaultDays} days 有效期至",
    };

    private readonly Argument<string> _keyId = new("key-id") { Description = "as the list shows it 密钥编号" };

    public static Command Create()
    {
        var key = new KeyCommand();
        var create = new Command("create", "Make a key and print it, once. 新建密钥");
        create.Options.Add(key._role);
        create.Options.Add(key._facility);
        create.Options.Add(key._region);
        create.Options.Add(key._name);
        create.Options.Add(key._expires);
        var list = new Command("list", "List all keys; secrets are not kept. 列出密钥");
        var revoke = new Command("revoke", "Revoke a key; it fails from a few seconds later on. 吊销密钥");
        revoke.Arguments.Add(key._keyId);
        key.Act(create, key.CreateAsync);
        key.Act(list, ListAsync);
        key.Act(revoke, key.RevokeAsync);
        return new Command("key", "API keys of hospitals, agencies and auditors. 接口密钥管理") { create, list, revoke };
    }

    private void Act(Command command, Func<ParseResult, ApiKeys, CancellationToken, Task<int>> act)
    {
        _database.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var database = await Database.UseAsync(_database.In(parsed), Terminal.Say, cancellation);

            // Opening the ledger makes the table of keys where no server has run yet.
            await using var engine = await Engine.StartAsync(
                database.ConnectionString, TimeProvider.System, NullLogger.Instance, cancellation);
            await using var source = NpgsqlDataSource.Create(database.ConnectionString);
            return await act(parsed, new ApiKeys(source), cancellation);
        });
    }

    private async Task<int> CreateAsync(ParseResult parsed, ApiKeys keys, CancellationToken cancellation)
    {
        var roles = Roles.None;
        foreach (var name in parsed.GetValue(_role)!)
        {
            if (KeyRoles.Find(name) is not { } role)
            {
                Terminal.Say($"there is no role '{name}'.");
                return ExitCode.Usage;
            }

            roles |= role;
        }

        var (facility, region) = (parsed.GetValue(_facility)!, parsed.GetValue(_region)!);
        if (KeyRoles.Fault(roles, facility, region) is { } fault)
        {
            Terminal.Say(fault);
            return ExitCode.Usage;
        }

        var now = TimeProvider.System.GetUtcNow();
        var expires = parsed.GetValue(_expires) is { } lastDay
            ? new DateTimeOffset(lastDay.AddDays(1).ToDateTime(TimeOnly.MinValue), BeijingTime.Offset)
            : now.AddDays(DefaultDays);
        var (keyId, text, hash) = ApiKey.New();
        await keys.AddAsync(
            new ApiKey(keyId, hash, parsed.GetValue(_name)!, roles, facility, region, now, expires, null),
            cancellation);
        Terminal.Say($"key {keyId}, holds until {expires.ToOffset(BeijingTime.Offset):yyyy-MM-dd HH:mm} Beijing. "
            + "Keep the line below: it is shown this once. Sent as 'authorization: Bearer …'.");
        Terminal.Answer(text);
        return ExitCode.Fine;
    }

    private static async Task<int> ListAsync(ParseResult parsed, ApiKeys keys, CancellationToken cancellation)
    {
        var now = TimeProvider.System.GetUtcNow();
        Terminal.Answer("key_id            state    expires     roles             facility      region  name");
        foreach (var key in await keys.ListAsync(cancellation))
        {
            var state = key.RevokedAt is not null ? "revoked" : key.HoldsAt(now) ? "holds" : "expired";
            Terminal.Answer(
                $"{key.KeyId}  {state,-7}  {key.ExpiresAt.ToOffset(BeijingTime.Offset):yyyy-MM-dd}  "
                + $"{string.Join(',', ApiKeys.NamesOf(key.Roles)),-16}  "
                + $"{key.FacilityId,-12}  {key.RegionId,-6}  {key.Name}");
        }

        return ExitCode.Fine;
    }

    private async Task<int> RevokeAsync(ParseResult parsed, ApiKeys keys, CancellationToken cancellation)
    {
        var keyId = parsed.GetValue(_keyId)!;
        if (await keys.RevokeAsync(keyId, TimeProvider.System.GetUtcNow(), cancellation))
        {
            Terminal.Say($"key {keyId} is revoked; servers refuse it after "
                + $"{ServerLimits.KeyBelievedFor.TotalSeconds:0} s at most.");
            return ExitCode.Fine;
        }

        Terminal.Say($"there is no key {keyId} that holds.");
        return ExitCode.No;
    }
}
