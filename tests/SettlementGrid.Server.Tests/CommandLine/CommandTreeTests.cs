using System.CommandLine;
using System.Net;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.Tests.CommandLine;

public sealed class CommandTreeTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("run --port 1 --grpc-port 2 --data /x --postgres Host=h --no-sample --listen 10.0.0.1 --require-keys")]
    [InlineData("run --tls-cert a.pem --tls-key b.pem --anchor /x/anchor")]
    [InlineData("run --warm-memory 512")]
    [InlineData("status --port 1 --data /x")]
    [InlineData("run --postgres-file /x/connection")]
    [InlineData("health --port 1 --tls")]
    [InlineData("funds")]
    [InlineData("funds --region 150500 --plan x --year 2026 --watch --json --url http://10.0.0.1:5080 --key k")]
    [InlineData("psql --data /x -- -c select")]
    [InlineData("key create --role hospital --facility H15050200001 --expires 2027-12-31")]
    [InlineData("key create --role county --role auditor --region 150502 --name x")]
    [InlineData("key create --role county --region 150502 --certificate agency.pem")]
    [InlineData("key list --data /x")]
    [InlineData("audit --hours 1 --lines 5 --caller local --method EnrolleeService/GetAccount --outcome OK")]
    [InlineData("key revoke 0123456789abcdef")]
    [InlineData("plan simulate x.yaml")]
    [InlineData("plan simulate x.yaml --year 2025 --region 150502 --show-ids --json --data /x")]
    public void Command_line_of_the_interface_is_understood(string line) =>
        Assert.Empty(CommandTree.Create().Parse(line).Errors);

    [Theory]
    [InlineData("")]
    [InlineData("fly")]
    [InlineData("run --prot 1")]
    [InlineData("run --port x")]
    [InlineData("run --port 65536")]
    [InlineData("run --port -1")]
    [InlineData("run --listen localhost")]
    [InlineData("run --postgres Host=h --postgres-file /x/connection")]
    [InlineData("funds --url nowhere")]
    [InlineData("funds --year x")]
    [InlineData("key")]
    [InlineData("key create")]
    [InlineData("key revoke")]
    [InlineData("plan simulate")]
    [InlineData("plan simulate x.yaml --year x")]
    public void Command_line_that_means_nothing_is_an_error(string line) =>
        Assert.NotEmpty(CommandTree.Create().Parse(line).Errors);

    [Fact]
    public async Task Exit_status_of_a_wrong_command_line_is_usage() =>
        Assert.Equal(ExitCode.Usage, await CommandTree.RunAsync(["run", "--fly"]));

    [Theory]
    [InlineData("run")]
    [InlineData("key create")]
    [InlineData("key revoke")]
    [InlineData("audit")]
    [InlineData("status")]
    [InlineData("health")]
    [InlineData("funds")]
    [InlineData("psql")]
    [InlineData("plan simulate")]
    public void Help_of_every_command_says_it_in_both_languages(string line)
    {
        var output = new StringWriter();
        var parsed = CommandTree.Create().Parse(line + " --help");
        Assert.Equal(0, parsed.Invoke(new InvocationConfiguration { Output = output }));
        Assert.Contains("Usage:", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(output.ToString(), character => character is >= '一' and <= '龥');
    }

    [Fact]
    public async Task Connection_that_no_file_holds_is_a_start_that_cannot_be_and_names_the_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            Assert.Equal(ExitCode.CannotStart, await CommandTree.RunAsync(["verify", "--postgres-file", file]));
            await File.WriteAllTextAsync(file, "Host=127.0.0.1;Port=1;Username=nobody\nnot this line\n");
            var place = new DatabaseChoice();
            var command = new Command("any");
            place.AddTo(command);
            var chosen = place.In(command.Parse(["--postgres-file", file]));
            Assert.Equal("Host=127.0.0.1;Port=1;Username=nobody", chosen.Postgres);
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Equal(ExitCode.CannotStart, await CommandTree.RunAsync(["verify", "--postgres-file", file]));
    }

    [Theory]
    [InlineData("127.0.0.1", false, false)]
    [InlineData("::1", false, false)]
    [InlineData("127.0.0.1", true, true)]
    [InlineData("0.0.0.0", false, true)]
    [InlineData("10.1.2.3", false, true)]
    public void Address_beyond_loopback_requires_keys(string address, bool asked, bool required)
    {
        var settings = new RunSettings(new("/x", null)) { Listen = IPAddress.Parse(address), RequireKeys = asked };
        Assert.Equal(required, settings.KeysRequired);
    }

    [Fact]
    public void Half_a_certificate_or_one_port_for_two_protocols_is_a_fault()
    {
        var settings = new RunSettings(new("/x", null));
        Assert.Null(settings.Fault());
        Assert.Contains("--tls-key", (settings with { TlsCertificate = "a" }).Fault(), StringComparison.Ordinal);
        Assert.Contains("--tls-cert", (settings with { TlsKey = "a" }).Fault(), StringComparison.Ordinal);
        Assert.Contains("--warm-memory", (settings with { WarmMemory = -1 }).Fault(), StringComparison.Ordinal);
        Assert.Equal(512L << 20, (settings with { WarmMemory = 512 }).Bounds.WarmBytesMax);
        Assert.InRange(settings.Bounds.WarmBytesMax, 64L << 20, long.MaxValue);
        Assert.Contains("--grpc-port", (settings with { GrpcPort = settings.Port }).Fault(), StringComparison.Ordinal);
        Assert.Null((settings with { GrpcPort = settings.Port, TlsCertificate = "a", TlsKey = "b" }).Fault());
    }
}
