using SettlementGrid.Plans;

namespace SettlementGrid.Enrollees.Canonical;

/// <summary>
/// Commands and answers as bytes, for an engine whose turns run on another machine than their callers. Made of the same
/// parts as the ledger's canonical bytes; never stored and never hashed. Both sides of a rolling upgrade must read each
/// other: a change here needs a new <see cref="Format"/>, and the one before stays readable for a release.
/// </summary>
public static class TurnBytes
{
    /// <summary>Of the first byte.</summary>
    public const byte Format = 1;

    enum CommandKind : byte { Settle = 1, Preview = 2, Reverse = 3, Cancel = 4, GetAccount = 5 }

    enum AnswerKind : byte { Refused = 1, Settled = 2, Reversed = 3, Barred = 4, State = 5 }

    [ThreadStatic]
    static CanonicalWriter? writer;

    public static byte[] Of(Command command)
    {
        var w = Begin();
        switch (command)
        {
            case Command.Settle settle:
                w.Byte((byte)CommandKind.Settle);
                FactCodec.WriteRequest(w, settle.Request);
                WriteToken(w, settle.Token);
                break;
            case Command.Preview preview:
                w.Byte((byte)CommandKind.Preview);
                FactCodec.WriteRequest(w, preview.Request);
                break;
            case Command.Reverse reverse:
                w.Byte((byte)CommandKind.Reverse);
                w.Text(reverse.Request.RequestId);
                w.Text(reverse.Request.FacilityId);
                w.Key(reverse.Request.Reverses.Bits);
                w.Text(reverse.Request.Reason);
                WriteRecorded(w, reverse.Original);
                w.Byte(reverse.DryRun ? (byte)1 : (byte)0);
                break;
            case Command.Cancel cancel:
                w.Byte((byte)CommandKind.Cancel);
                w.Text(cancel.Enrollee);
                w.Text(cancel.FacilityId);
                w.Text(cancel.RequestId);
                break;
            case Command.GetAccount get:
                w.Byte((byte)CommandKind.GetAccount);
                w.Text(get.Enrollee);
                break;
            default:
                throw new InvalidOperationException($"No bytes for {command.GetType().Name}.");
        }
        return w.Written.ToArray();
    }

    /// <exception cref="InvalidDataException">No command that this version knows.</exception>
    public static Command ReadCommand(ReadOnlySpan<byte> bytes)
    {
        var r = Begin(bytes);
        Command command = (CommandKind)r.Byte() switch
        {
            CommandKind.Settle => new Command.Settle(FactCodec.ReadRequest(ref r), ReadToken(ref r)),
            CommandKind.Preview => new Command.Preview(FactCodec.ReadRequest(ref r)),
            CommandKind.Reverse => new Command.Reverse(
                new ReverseRequest(r.Text(), r.Text(), new SettlementId(r.Key()), r.Text()), ReadRecorded(ref r),
                r.Flag()),
            CommandKind.Cancel => new Command.Cancel(r.Text(), r.Text(), r.Text()),
            CommandKind.GetAccount => new Command.GetAccount(r.Text()),
            _ => throw CanonicalReader.Damaged(),
        };
        return r.AtEnd ? command : throw CanonicalReader.Damaged();
    }

    public static byte[] Of(Answer answer)
    {
        var w = Begin();
        switch (answer)
        {
            case Answer.Refused refused:
                w.Byte((byte)AnswerKind.Refused);
                WriteRefusal(w, refused.Refusal);
                break;
            case Answer.Settled settled:
                w.Byte((byte)AnswerKind.Settled);
                WriteSettlement(w, settled.Settlement);
                break;
            case Answer.Cancelled { Reversal: { } reversal }:
                w.Byte((byte)AnswerKind.Reversed);
                WriteSettlement(w, reversal);
                break;
            case Answer.Cancelled:
                w.Byte((byte)AnswerKind.Barred);
                break;
            case Answer.State state:
                w.Byte((byte)AnswerKind.State);
                w.Text(state.Account.EnrolleeId);
                w.Signed(state.Account.Version);
                w.Signed(state.Account.LastAt);
                w.Hash(state.Account.LastHash);
                EntryCodec.WriteState(w, state.Account);
                break;
            default:
                throw new InvalidOperationException($"No bytes for {answer.GetType().Name}.");
        }
        return w.Written.ToArray();
    }

    /// <exception cref="InvalidDataException">No answer that this version knows.</exception>
    public static Answer ReadAnswer(ReadOnlySpan<byte> bytes)
    {
        var r = Begin(bytes);
        Answer answer = (AnswerKind)r.Byte() switch
        {
            AnswerKind.Refused => new Answer.Refused(ReadRefusal(ref r)),
            AnswerKind.Settled => new Answer.Settled(ReadSettlement(ref r)),
            AnswerKind.Reversed => new Answer.Cancelled(ReadSettlement(ref r)),
            AnswerKind.Barred => new Answer.Cancelled(null),
            AnswerKind.State => new Answer.State(ReadAccount(ref r)),
            _ => throw CanonicalReader.Damaged(),
        };
        return r.AtEnd ? answer : throw CanonicalReader.Damaged();
    }

    static CanonicalWriter Begin()
    {
        var w = writer ??= new CanonicalWriter();
        w.Reset(EntryCodec.Current);
        w.Byte(Format);
        return w;
    }

    static CanonicalReader Begin(ReadOnlySpan<byte> bytes)
    {
        var r = new CanonicalReader(bytes) { Format = EntryCodec.Current };
        return r.Byte() == Format ? r : throw CanonicalReader.Damaged();
    }

    static Account ReadAccount(ref CanonicalReader r)
    {
        var id = r.Text();
        var version = r.Signed();
        var at = r.Signed();
        var hash = r.Hash();
        return EntryCodec.ReadState(ref r, id, version, at, hash);
    }

    static void WriteSettlement(CanonicalWriter w, Settlement settlement)
    {
        WriteRecorded(w, settlement.Recorded);
        w.Byte(settlement.ReversedBy is null ? (byte)0 : (byte)1);
        if (settlement.ReversedBy is { } reversal)
            w.Key(reversal.Bits);
        WriteToken(w, settlement.Token);
        w.Number((ulong)settlement.Adjustments.Count);
        foreach (var adjustment in settlement.Adjustments)
            WriteRecorded(w, adjustment.Recorded);
    }

    static Settlement ReadSettlement(ref CanonicalReader r)
    {
        var settlement = new Settlement(
            ReadRecorded(ref r), r.Flag() ? new SettlementId(r.Key()) : null, ReadToken(ref r));
        var adjustments = new Settlement[r.Count()];
        for (var i = 0; i < adjustments.Length; i++)
            adjustments[i] = new Settlement(ReadRecorded(ref r), null, null);
        return settlement with { Adjustments = adjustments };
    }

    /// <summary>The entry's own bytes: what was hashed arrives as it was hashed.</summary>
    static void WriteRecorded(CanonicalWriter w, Recorded recorded)
    {
        w.Signed(recorded.Position);
        w.Bytes(recorded.Entry.Body);
    }

    static Recorded ReadRecorded(ref CanonicalReader r)
    {
        var position = r.Signed();
        return new Recorded(Entry.Read(r.Bytes()), position);
    }

    static void WriteToken(CanonicalWriter w, PreviewToken? token)
    {
        w.Byte(token is null ? (byte)0 : (byte)1);
        if (token is not { } given)
            return;
        w.Signed(given.Version);
        w.Key(given.Digest);
    }

    static PreviewToken? ReadToken(ref CanonicalReader r) =>
        r.Flag() ? new PreviewToken(r.Signed(), r.Key()) : null;

    static void WriteRefusal(CanonicalWriter w, Refusal refusal)
    {
        w.Text(refusal.Code);
        w.Text(refusal.MessageZh);
        w.Text(refusal.MessageEn);
        w.Number((ulong)refusal.Numbers.Count);
        foreach (var (name, value) in refusal.Numbers)
        {
            w.Text(name);
            w.Text(value);
        }
    }

    static Refusal ReadRefusal(ref CanonicalReader r)
    {
        // By name: the reasons' numbers are part of no wire.
        var code = r.Text();
        var reason = Array.Find(Enum.GetValues<RefusalReason>(), reason => Refusal.CodeOf(reason) == code);
        if (reason == default)
            throw CanonicalReader.Damaged();
        var (messageZh, messageEn) = (r.Text(), r.Text());
        var numbers = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var left = r.Count(); left > 0; left--)
            numbers.Add(r.Text(), r.Text());
        return new Refusal(reason, messageZh, messageEn, numbers);
    }
}
