using System.Text;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Tests;

public sealed class EncodingTests : IDisposable
{
    const string RosterHeader = "enrollee_id,region_id,insurance,coverages,identities";

    const string Text = "enrollee_id,plan_id,layer_id,period,position_fen,paid_fen,basic_paid_fen,source\n"
        + "P1,tongliao-sample,critical,2026,1000000,0,500000,旧系统㐂\n";

    static readonly Encoding Gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;

    readonly Town _town = new();

    public static TheoryData<string> Encodings => ["UTF-8", "UTF-8 with mark", "GB18030"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Texts_arrive_whole_in_each_encoding(string encoding)
    {
        await _town.WithPlans();
        await _town.Done(_town.Write("r.csv", RosterHeader, "P1,150502,RESIDENT,,"));
        byte[] bytes = encoding switch
        {
            "UTF-8" => Encoding.UTF8.GetBytes(Text),
            "UTF-8 with mark" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Text)],
            _ => Gb18030.GetBytes(Text),
        };
        var done = await _town.Done(_town.Write("b.csv", bytes));
        Assert.Equal(new ImportCounts(0, 1, 0, 0), done.Counts);
        var facts = await _town.Ledger.ReadStream(Enrollees.StreamKey.Person("P1"), 2, 1, default);
        Assert.Equal("旧系统㐂", Assert.IsType<Enrollees.Fact.OpeningBalanceSet>(facts[0].Fact).Source);
    }

    [Fact]
    public async Task A_file_that_is_ascii_for_its_first_megabytes_is_still_told_right()
    {
        var text = new StringBuilder("enrollee_id,region_id,insurance,coverages,identities\n");
        for (var n = 1; n <= 60_000; n++)
            text.Append('P').Append(n).Append(",150502,RESIDENT,a@2026-01-01..,\n");
        text.Append("P1,150502,RESIDENT,旧,\n");
        var done = await _town.Done(_town.Write("r.csv", Gb18030.GetBytes(text.ToString())));
        Assert.Equal(60_000, done.Counts.Enrolled);
        Assert.Contains("旧", Assert.Single(Rejects.Of(done.RejectsPath!)).Original, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_neither_encoding_is_refused_with_the_line()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(RosterHeader + "\nP1,"), 0xFF, 0xFF];
        var path = _town.Write("r.csv", bytes);
        var refused = Assert.IsType<ImportOutcome.Refused>(await _town.Import().Run(path, default));
        Assert.Equal(RefusalReason.MalformedRequest, refused.Refusal.Reason);
        Assert.Contains("line 2", refused.Refusal.MessageEn, StringComparison.Ordinal);
    }

    public void Dispose() => _town.Dispose();
}
