using System.CommandLine;
using SettlementGrid.Faults;
using SettlementGrid.Faults.Hostile.Measuring;
using SettlementGrid.Faults.Reporting;
using SettlementGrid.Faults.Running;

// A fault may start this program once more, as a client that means harm.
if (args is [HostileProcess.Command, .. var words])
    return await HostileProcess.RunAsync(words);

var minutes = new Option<double?>("--minutes")
{
    Description = "how long each fault does harm; left out: 20 seconds 每项故障持续分钟数",
    HelpName = "N",
};
var only = new Option<string[]>("--only")
{
    Description = "only these faults, by name 只运行指定故障",
    HelpName = "NAME[,NAME]",
    CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(','))],
};
var seed = new Option<int?>("--seed")
{
    Description = "chooses everything that chance chooses; printed by every run 随机种子",
    HelpName = "N",
};
var list = new Option<bool>("--list") { Description = "name the faults and end 列出全部故障" };
only.Validators.Add(given =>
{
    foreach (var name in given.GetValueOrDefault<string[]>() ?? [])
    {
        if (FaultList.Of([name]).Count == 0)
            given.AddError($"There is no fault {name}; --list names them. 没有这项故障。");
    }
});
minutes.Validators.Add(given =>
{
    if (given.GetValueOrDefault<double?>() is <= 0 or > 24 * 60)
        given.AddError("--minutes is above 0 and at most a day.");
});

var root = new RootCommand(
    """
    Starts servers and a PostgreSQL of its own, lets hospitals settle, does them harm, and then holds every acknowledged
    answer against the ledger, the accounts, the funds and a model of its own. Ends with a table and "0 lost, 0 double,
    0 differing"; the exit status is 1 where anything else was found.
    启动独立的服务与数据库，在医院结算过程中注入故障，然后逐笔核对账本、个人累计、基金与模型；发现问题时退出码为 1。

      ./grid faults                                    every fault, 20 seconds each 全部故障
      ./grid faults --list                             what there is 列出故障
      ./grid faults --only kill-servers --minutes 2    one of them, longer 单项
      ./grid faults --only hostile/oversize            one hostile client of twelve 单个恶意客户端
      ./grid faults --seed 7                           the same choices again 以同一种子重复
    """)
{
    minutes, only, seed, list,
};
root.SetAction(async parsed =>
{
    if (parsed.GetValue(list))
    {
        foreach (var fault in FaultList.All)
            Console.WriteLine(
                $"{fault.Name,-24} {string.Join(' ', fault.Numbers),-8} {fault.What} {fault.WhatChinese}");
        return 0;
    }
    var names = parsed.GetValue(only);
    var chosen = names is { Length: > 0 } ? FaultList.Of(names) : FaultList.All;
    // The rim of the program: where no seed is given the clock gives one, and it is printed.
    var from = parsed.GetValue(seed) ?? (int)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() % 1_000_000);
    var lasts = parsed.GetValue(minutes) is { } given ? TimeSpan.FromMinutes(given) : FaultLimits.ShortRun;
    return await Sitting.RunAsync(chosen, from, lasts, parsed.GetValue(minutes)) ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
