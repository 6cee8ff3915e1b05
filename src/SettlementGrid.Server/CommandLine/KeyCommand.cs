using System.CommandLine;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SettlementGrid.Api;
using SettlementGrid.Plans;
using SettlementGrid.Server.Callers;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.CommandLine;

/// <summary>`key create|list|revoke`: the machines' keys and client certificates, with the server up or down.</summary>
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
        Description = "the one facility it speaks for; a hospital needs it 医药机构编号",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string> _region = new("--region")
    {
        Description = "the region it sees, with those under it; insurer, county and city need it 行政区划代码",
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

    private readonly Option<FileInfo?> _certificate = new("--certificate")
    {
        Description = "register this client certificate (PEM, the public part) instead of making a key 登记客户端证书",
        HelpName = "FILE",
    };

    private readonly Argument<string> _id = new("id") { Description = "as the list shows it 编号" };

    public static Command Create()
    {
        var key = new KeyCommand();
        var create = new Command(
            "create",
            """
            Make a key and print it, once; or register a client certificate by its SHA-256 fingerprint.
            新建密钥（只显示一次），或按 SHA-256 指纹登记客户端证书

              key create --role hospital --facility H15050200001 --name 'City hospital'
              key create --role county --region 150502 --certificate agency.pem

            A key is sent as 'authorization: Bearer KEY'. A certificate is shown by TLS (run --tls-cert … --tls-key …);
            it needs no authority behind it, and holds within its own dates. Servers know a new one after a few seconds.
            """);
        create.Options.Add(key._role);
        create.Options.Add(key._facility);
        create.Options.Add(key._region);
        create.Options.Add(key._name);
        create.Options.Add(key._expires);
        create.Options.Add(key._certificate);
        var list = new Command("list", "List all keys and certificates; secrets are not kept. 列出密钥与证书");
        var revoke = new Command(
            "revoke", "Revoke a key or certificate for good; it fails from a few seconds later on. 吊销");
        revoke.Arguments.Add(key._id);
        key.Act(create, key.CreateAsync);
        key.Act(list, ListAsync);
        key.Act(revoke, key.RevokeAsync);
        return new Command(
            "key", "API keys and client certificates of hospitals, agencies and auditors. 接口密钥与客户端证书管理")
        {
            create, list, revoke,
        };
    }

    private void Act(Command command, Func<ParseResult, Credentials, CancellationToken, Task<int>> act)
    {
        _database.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var database = await Database.UseAsync(_database.In(parsed), Terminal.Say, cancellation);

            // Opening the ledger makes the table of keys where no server has run yet.
            await using var engine = await Engine.StartAsync(
                database.ConnectionString, TimeProvider.System, NullLogger.Instance, cancellation);
            await using var source = NpgsqlDataSource.Create(database.ConnectionString);
            return await act(parsed, new Credentials(source, TimeProvider.System), cancellation);
        });
    }

    private async Task<int> CreateAsync(ParseResult parsed, Credentials credentials, CancellationToken cancellation)
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
        Credential Of(CredentialKind kind, string id, byte[] hash) => new(
            kind, id, hash, parsed.GetValue(_name)!, roles, facility, region, now, expires, null);
        if (parsed.GetValue(_certificate) is { } file)
        {
            return await RegisterAsync(file, now, certificate => Of(
                CredentialKind.Certificate, certificate.Id, certificate.Fingerprint), credentials, cancellation);
        }

        var (id, text, hash) = KeyText.New();
        await credentials.AddAsync(Of(CredentialKind.Key, id, hash), Terminal.Person, cancellation);
        Terminal.Say($"key {id}, holds until {Day(expires)} Beijing. "
            + "Keep the line below: it is shown this once. Sent as 'authorization: Bearer …'.");
        Terminal.Answer(text);
        return ExitCode.Fine;
    }

    private static async Task<int> RegisterAsync(
        FileInfo file, DateTimeOffset now, Func<ClientCertificate, Credential> of, Credentials credentials,
        CancellationToken cancellation)
    {
        ClientCertificate certificate;
        try
        {
            certificate = ClientCertificate.FromFile(file.FullName);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException
            or CryptographicException)
        {
            Terminal.Say($"{file.FullName} is no certificate in PEM form: {unreadable.Message}");
            return ExitCode.Usage;
        }

        if (now > certificate.NotAfter)
        {
            Terminal.Say($"the certificate ended at {Day(certificate.NotAfter)} Beijing.");
            return ExitCode.Usage;
        }

        var credential = of(certificate);
        if (credential.ExpiresAt > certificate.NotAfter)
        {
            credential = credential with { ExpiresAt = certificate.NotAfter };
        }

        if (!await credentials.AddAsync(credential, Terminal.Person, cancellation))
        {
            Terminal.Say($"certificate {certificate.Id} is registered already, or was revoked, which is for good.");
            return ExitCode.No;
        }

        Terminal.Say(
            $"certificate {certificate.Id}, holds until {Day(credential.ExpiresAt)} Beijing. SHA-256 fingerprint:");
        Terminal.Answer(certificate.FingerprintText);
        return ExitCode.Fine;
    }

    private static async Task<int> ListAsync(
        ParseResult parsed, Credentials credentials, CancellationToken cancellation)
    {
        var now = TimeProvider.System.GetUtcNow();
        Terminal.Answer(
            "id                kind         state    expires     roles             facility      region  name");
        foreach (var one in await credentials.ListAsync(cancellation))
        {
            var state = one.RevokedAt is not null ? "revoked" : one.HoldsAt(now) ? "holds" : "expired";
            Terminal.Answer(
                $"{one.Id}  {Credentials.NameOf(one.Kind),-11}  {state,-7}  "
                + $"{one.ExpiresAt.ToOffset(BeijingTime.Offset):yyyy-MM-dd}  "
                + $"{string.Join(',', KeyRoles.NamesOf(one.Roles)),-16}  "
                + $"{one.FacilityId,-12}  {one.RegionId,-6}  {one.Name}");
        }

        return ExitCode.Fine;
    }

    private async Task<int> RevokeAsync(ParseResult parsed, Credentials credentials, CancellationToken cancellation)
    {
        // A certificate may also be named by its whole fingerprint, with or without colons.
        var id = parsed.GetValue(_id)!.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        id = id.Length > Credential.IdLength ? id[..Credential.IdLength] : id;
        if (await credentials.RevokeAsync(id, Terminal.Person, cancellation))
        {
            Terminal.Say($"{id} is revoked; servers refuse it after "
                + $"{ServerLimits.KeyBelievedFor.TotalSeconds:0} s at most.");
            return ExitCode.Fine;
        }

        Terminal.Say($"there is no {id} that could be revoked.");
        return ExitCode.No;
    }

    private static string Day(DateTimeOffset at) => $"{at.ToOffset(BeijingTime.Offset):yyyy-MM-dd HH:mm}";
}
