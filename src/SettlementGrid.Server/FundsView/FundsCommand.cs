using System.CommandLine;
using Google.Protobuf;
using SettlementGrid.Api.V1;
using SettlementGrid.Plans;
using SettlementGrid.Server.CommandLine;
using SettlementGrid.Server.Composition;

namespace SettlementGrid.Server.FundsView;

/// <summary>
/// `funds`: the funds of regions, once or live, asked of a running server through the public interface like any other
/// client would.
/// </summary>
public sealed class FundsCommand
{
    private const string KeyVariable = "SETTLEMENTGRID_KEY";

    // int64 as strings and every zero printed, as the server itself answers: one line a message.
    private static readonly JsonFormatter Json = new(
        JsonFormatter.Settings.Default.WithFormatDefaultValues(true).WithPreserveProtoFieldNames(true));

    private readonly Option<string?> _region = new("--region")
    {
        Description = "this region and those under it; left out: the regions that pool the published plans 行政区划代码",
        HelpName = "CODE",
    };

    private readonly Option<string> _plan = new("--plan")
    {
        Description = "one plan only 险种方案",
        HelpName = "PLAN",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<int?> _year = new("--year")
    {
        Description = "policy year; left out: this year 年度",
    };

    private readonly Option<bool> _watch = new("--watch") { Description = "go on, live, until Ctrl-C 实时刷新" };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "the server's answers as JSON, one a line, for programs 以 JSON 输出",
    };

    private readonly Option<Uri> _url = new("--url")
    {
        Description = "where the server listens 服务地址",
        HelpName = "URL",
        DefaultValueFactory = _ => new Uri($"http://127.0.0.1:{RunSettings.DefaultPort}"),
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            {
                return url;
            }

            result.AddError($"--url takes an address such as http://127.0.0.1:5080, not '{result.Tokens[0].Value}'.");
            return null!;
        },
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = $"API key; left out: the variable {KeyVariable}, which other users of this machine cannot see 密钥",
        HelpName = "KEY",
    };

    public static Command Create()
    {
        var funds = new FundsCommand();
        var command = new Command("funds", "Show the funds of regions, live with --watch. 基金运行情况");
        command.Options.Add(funds._region);
        command.Options.Add(funds._plan);
        command.Options.Add(funds._year);
        command.Options.Add(funds._watch);
        command.Options.Add(funds._json);
        command.Options.Add(funds._url);
        command.Options.Add(funds._key);
        command.SetAction(funds.ActAsync);
        return command;
    }

    private async Task<int> ActAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var clock = TimeProvider.System;
        var key = parsed.GetValue(_key) ?? Environment.GetEnvironmentVariable(KeyVariable);
        using var client = new FundsClient(parsed.GetValue(_url)!, key);
        try
        {
            var regions = parsed.GetValue(_region) is { } region
                ? [region]
                : await client.PoolingRegionsAsync(cancellation);
            if (regions.Count is 0 or > ServerLimits.FundsRegionsMax)
            {
                Terminal.Say($"{regions.Count} regions publish plans; name one with --region. 请用 --region 指定地区");
                return ExitCode.No;
            }

            var asked = new Question(
                regions, parsed.GetValue(_plan)!, parsed.GetValue(_year) ?? BeijingTime.DayOf(clock.GetUtcNow()).Year,
                parsed.GetValue(_json));
            await (parsed.GetValue(_watch)
                ? WatchAsync(client, asked, clock, cancellation)
                : ShowAsync(client, asked, clock, cancellation));
            return ExitCode.Fine;
        }
        catch (FundsRefusedException refused)
        {
            Terminal.Say(refused.Message);
            if (refused.Advice.Length > 0)
            {
                Terminal.Say(refused.Advice);
            }

            return ExitCode.No;
        }
        catch (OperationCanceledException) when (parsed.GetValue(_watch) && cancellation.IsCancellationRequested)
        {
            // Ctrl-C is how one leaves a watch.
            return ExitCode.Fine;
        }
    }

    private static async Task ShowAsync(
        FundsClient client, Question asked, TimeProvider clock, CancellationToken cancellation)
    {
        var board = new FundsBoard(clock);
        foreach (var region in asked.Regions)
        {
            var request = new ListPositionsRequest { RegionId = region, PlanId = asked.PlanId, Year = asked.Year };
            do
            {
                var answer = await client.ListAsync(request, cancellation);
                board.Take(region, answer.Positions, answer.LedgerPosition, isFirst: true);
                request.PageToken = answer.NextPageToken;
                if (asked.Json)
                {
                    Terminal.Answer(Json.Format(answer));
                }
            }
            while (request.PageToken.Length > 0);
        }

        if (!asked.Json)
        {
            FundsScreen.Print(
                FundsScreen.ConsoleFor(!Console.IsOutputRedirected), board.Look(), clock.GetUtcNow());
        }
    }

    private static async Task WatchAsync(
        FundsClient client, Question asked, TimeProvider clock, CancellationToken cancellation)
    {
        var board = new FundsBoard(clock);
        var draws = !asked.Json && !Console.IsOutputRedirected;
        var screen = new FundsScreen(FundsScreen.ConsoleFor(!Console.IsOutputRedirected), board, clock);
        var following = new FundsFollowing(
            client,
            board,
            clock,
            message =>
            {
                if (asked.Json)
                {
                    Terminal.Answer(Json.Format(message));
                }
                else if (!draws)
                {
                    screen.WriteLines(message.Positions);
                }
            },
            news =>
            {
                if (!draws)
                {
                    Terminal.Say(news);
                }
            });

        // Whoever ends first ends all: a refusal of one stream is the command's.
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tasks = asked.Regions
            .Select(region => following.RunAsync(region, asked.PlanId, asked.Year, together.Token)).ToList();
        var drawing = draws ? screen.DrawAsync(together.Token) : Task.CompletedTask;
        var first = await Task.WhenAny(tasks);
        await together.CancelAsync();
        await drawing;
        await first;
    }

    private sealed record Question(IReadOnlyList<string> Regions, string PlanId, int Year, bool Json);
}
