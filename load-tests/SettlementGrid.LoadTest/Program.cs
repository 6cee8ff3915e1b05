using System.CommandLine;
using SettlementGrid.LoadTest;
using SettlementGrid.LoadTest.Modes;
using SettlementGrid.LoadTest.Overload;
using SettlementGrid.LoadTest.Peers;

var options = new LoadOptions();
var root = new RootCommand(
    """
    Without options: a tour of the figures that matter, each with what it means, in under three minutes.
    With options one run: as fast as the server answers (closed loop), as patients arrive (--rate, open loop) or many
    bills a call (--many). At the end every acknowledged answer is held against the ledger, the accounts and the
    funds; a run that does not pass prints no result.
    不带参数：三分钟内给出主要指标及其含义。带参数：按选项测一次；结束时逐笔核对账本、个人累计和基金，核对不通过不显示结果。

      ./grid bench                                              the tour 总览
      ./grid bench --seconds 30                                 the most it settles 最大吞吐
      ./grid bench --rate 3500 --mixed --repeat 5               the peak, median of five runs 峰值，五次取中位数
      ./grid bench --rate 4000 --day --seconds 300              a hospital day in five minutes 一日曲线
      ./grid bench --many 200                                   make-up settlement 批量补结算
      ./grid bench --overload                                   twice the knee, then half 过载与恢复
      ./grid bench --peers                                      beside other designs 与其他方案对比
      ./grid bench --silos                                      beside the cluster's program 与集群程序对比
      ./grid bench --servers 2                                  servers on one database 多服务
      ./grid bench --cold --persons 300000                      every account cold 冷账户
      ./grid bench --data DIR --roster City --persons 2217285   a ledger that is there 已有账本
    """);
options.AddTo(root);
var peerOptions = new PeerOptions();
peerOptions.AddTo(root);
var overloadOptions = new OverloadOptions();
overloadOptions.AddTo(root);
root.SetAction(async (parsed, cancellation) =>
{
    var settings = options.Read(parsed);
    var peers = peerOptions.Read(parsed, settings);
    var overload = overloadOptions.Read(parsed, settings);
    var fault = overload is null ? settings.Fault() : overload.Fault();
    fault ??= peers is null ? null : PeerOptions.Fault(settings);
    if (fault is not null)
    {
        await Console.Error.WriteLineAsync(fault);
        return 2;
    }
    try
    {
        // Each mode is a class of its own that gives true where its figures were audited.
        var clock = TimeProvider.System;
        var audited = peers is not null ? await PeerRun.RunAsync(peers, clock, Console.Error.WriteLine, cancellation)
            : overload is not null ? await OverloadRun.RunAsync(overload, clock, Console.Error.WriteLine, cancellation)
            : options.IsTour(parsed)
            ? await Tour.RunAsync(settings.Report, settings.Json, clock, Console.Error.WriteLine, cancellation)
            : settings.Servers > 1
            ? await ServersBeside.RunAsync(settings, clock, Console.Error.WriteLine, cancellation)
            : settings.Repeat > 0 ? await RepeatedRuns.RunAsync(settings, clock, Console.Error.WriteLine, cancellation)
            : await LoadRun.RunAsync(settings, clock, Console.Error.WriteLine, cancellation);
        return audited ? 0 : 1;
    }
    catch (InvalidOperationException stopped)
    {
        // What a person can put right: a server that does not start, a roster that is not there.
        await Console.Error.WriteLineAsync(stopped.Message);
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();
