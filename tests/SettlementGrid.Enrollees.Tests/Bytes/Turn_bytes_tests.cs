using SettlementGrid.Enrollees.Canonical;
using SettlementGrid.Plans;
using SettlementGrid.Testing;

namespace SettlementGrid.Enrollees.Tests.Bytes;

/// <summary>Commands and answers arrive on another machine as they were sent.</summary>
public sealed class Turn_bytes_tests
{
    readonly ManualClock _clock = new();

    [Fact]
    public async Task Every_command_arrives_as_it_was_sent()
    {
        var settled = (Answer.Settled)await Turn("anna", Given.Settle("r1", "anna"));
        var token = new PreviewToken(7, UInt128.MaxValue - 5);
        var bill = Given.Bill(12_345.67m, 4_000) with
        {
            StatedPlace = CarePlace.InProvince,
            OverCapEligible = Money.Yuan(12),
            DrugClass = DrugClass.B,
        };
        Command[] commands =
        [
            Given.Settle("r1", "anna"),
            new Command.Settle(Given.Request("请求-1", "anna") with { Bill = bill }, token),
            new Command.Preview(Given.Request("r2", "anna", facility: "anna")),
            new Command.Reverse(
                new ReverseRequest("r3", Given.Hospital, settled.Settlement.Fact.Id, "输入有误"),
                settled.Settlement.Recorded,
                DryRun: true),
            new Command.Cancel("anna", Given.Hospital, "r4"),
            new Command.GetAccount("anna"),
        ];
        Assert.All(commands, command => Assert.Equal(command, TurnBytes.ReadCommand(TurnBytes.Of(command))));
    }

    [Fact]
    public async Task Every_answer_arrives_as_it_was_given()
    {
        var ledger = await Given.Ledger(_clock, "anna");
        var enrollee = new Enrollee("anna", ledger, await Given.Catalogs(ledger), _clock);
        var first = (Answer.Settled)await enrollee.Turn(Given.Settle("r1", "anna"), default);
        var reverse = new Command.Reverse(
            new ReverseRequest("r3", Given.Hospital, first.Settlement.Fact.Id, "again"), first.Settlement.Recorded,
            DryRun: false);
        Answer[] answers =
        [
            first,
            await enrollee.Turn(Given.Settle("r2", "anna"), default),
            await enrollee.Turn(new Command.Preview(Given.Request("r5", "anna")), default),
            await enrollee.Turn(reverse with { DryRun = true }, default),
            await enrollee.Turn(reverse, default),
            await enrollee.Turn(Given.Settle("r1", "anna"), default),
            await enrollee.Turn(new Command.Cancel("anna", Given.Hospital, "r2"), default),
            await enrollee.Turn(new Command.Cancel("anna", Given.Hospital, "never"), default),
            await enrollee.Turn(Given.Settle("never", "anna"), default),
            await enrollee.Turn(new Command.GetAccount("anna"), default),
        ];
        Assert.Contains(answers, a => a is Answer.Settled { Settlement: { Adjustments.Count: > 0, IsPreview: false } });
        Assert.Contains(answers, a => a is Answer.Settled { Settlement.ReversedBy: not null });
        Assert.All(answers, answer =>
        {
            var bytes = TurnBytes.Of(answer);
            var read = TurnBytes.ReadAnswer(bytes);
            Assert.Equal(bytes, TurnBytes.Of(read));
            Assert.Equal(Flat(answer), Flat(read));
        });
    }

    [Fact]
    public void Every_reason_of_a_refusal_arrives() =>
        Assert.All(Enum.GetValues<RefusalReason>(), reason =>
        {
            var refusal = new Refusal(reason, "原因", "why", new Dictionary<string, string> { ["a"] = "1", ["b"] = "1" });
            var read = ((Answer.Refused)TurnBytes.ReadAnswer(TurnBytes.Of(new Answer.Refused(refusal)))).Refusal;
            Assert.Equal((reason, "原因", "why"), (read.Reason, read.MessageZh, read.MessageEn));
            Assert.Equal(refusal.Numbers, read.Numbers);
        });

    [Fact]
    public void Bytes_cut_short_or_of_another_format_are_damaged_never_another_command()
    {
        var bytes = TurnBytes.Of(Given.Settle("r1", "anna"));
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidDataException>(() => TurnBytes.ReadCommand(bytes.AsSpan(0, length)));
        Assert.Throws<InvalidDataException>(() => TurnBytes.ReadCommand([.. bytes, 0]));
        Assert.Throws<InvalidDataException>(() => TurnBytes.ReadCommand([TurnBytes.Format + 1, .. bytes[1..]]));
        Assert.Throws<InvalidDataException>(() => TurnBytes.ReadAnswer(bytes));
    }

    async Task<Answer> Turn(string id, Command command)
    {
        var ledger = await Given.Ledger(_clock, id);
        return await new Enrollee(id, ledger, await Given.Catalogs(ledger), _clock).Turn(command, default);
    }

    /// <summary>What records of lists do not compare by themselves.</summary>
    static object Flat(Answer answer) => answer switch
    {
        Answer.Settled settled => Flat(settled.Settlement),
        Answer.Cancelled { Reversal: { } reversal } => Flat(reversal),
        Answer.Refused refused => (refused.Refusal.Reason, refused.Refusal.MessageEn),
        var other => other,
    };

    static List<object?> Flat(Settlement settlement) =>
        [settlement.Recorded, settlement.ReversedBy, settlement.Token,
            .. settlement.Adjustments.Select(a => a.Recorded)];
}
