namespace SettlementGrid.Api;

/// <summary>
/// What a connection may ask of the server without asking for a settlement; each number with its reason. The unit is
/// what a PING costs, some 0.2 µs of a processor where they come in floods (40 million in 11 s took 0.7 of one). The
/// other prices are set by what a frame makes the server do; they were not measured one by one.
/// </summary>
public static class FloodLimits
{
    /// <summary>
    /// What a connection may spend at once, units: all its <see cref="ConnectionLimits.StreamsPerConnectionMax"/> calls
    /// begun and taken back in one moment (as when a client's program is stopped, or a stalled server let them all run
    /// out of time), and some hundred frames more.
    /// </summary>
    public const int Budget = 2_048;

    /// <summary>
    /// What time gives back, units a second: pings and windows of somebody who waits for answers. A flood that stays
    /// below is 1,000 pings a second, or 166 calls taken back.
    /// </summary>
    public const int PerSecond = 1_000;

    /// <summary>
    /// A call, before it is known whether it is served: so a connection of more calls than it may have at one time is
    /// ended while the first of them are being read.
    /// </summary>
    public const int CallCosts = 3;

    /// <summary>A call taken back: the server had begun it and must end it, and both were in vain.</summary>
    public const int ResetCosts = 3;

    /// <summary>A setting changes every open stream, and is answered.</summary>
    public const int SettingsCost = 4;

    /// <summary>
    /// Any other frame that carries nothing: PING, WINDOW_UPDATE, PRIORITY, CONTINUATION, unknown ones, answers to
    /// nothing, DATA of less than <see cref="DataBytesFree"/>.
    /// </summary>
    public const int FrameCosts = 1;

    /// <summary>
    /// DATA of so many bytes is no empty frame. gRPC's prefix of 5 bytes on its own is one, a call: it is paid for by
    /// the answer.
    /// </summary>
    public const int DataBytesFree = 16;

    /// <summary>
    /// A stream that the server itself had to reset: Kestrel refuses streams beyond the bound by an exception each. A
    /// client that knows its bound never meets it.
    /// </summary>
    public const int RefusedStreamCosts = 8;

    /// <summary>
    /// An answer, refusals included: it pays for its call (3), for all that eager clients send with each one (gRPC's
    /// prefix on its own, a window, a ping, a reset when it has ended: 6), and for the reset by which Kestrel stops a
    /// body that is refused before it is there (8). So calls alone never use anything up, not even where a full server
    /// refuses them all.
    /// </summary>
    public const int AnswerEarns = 20;

    /// <summary>
    /// Each part of an answer before its end: the headers, and up to 16 kB of data, for which a client opens two
    /// windows and measures the line by a ping. With it one call in two may be taken back for good.
    /// </summary>
    public const int PartEarns = 4;

    /// <summary>
    /// An address from which a connection was ended is slowed down for so long after the last: a flooder is back within
    /// milliseconds, a hospital that had a broken client and mended it is not kept out.
    /// </summary>
    public static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What a connection from such an address may spend at once, units: 170 calls before the first is answered. Whoever
    /// has flooded finds four times less to do harm with; a neighbour behind the same NAT is taken to have no more
    /// calls at once.
    /// </summary>
    public const int BudgetHeld = 512;

    /// <summary>
    /// Between two new connections from such an address: fifty a second, at <see cref="BudgetHeld"/> each. Measured, a
    /// server used 0.34 to 0.41 processors beside six kinds of flood, 0.30 to 0.48 without. Who is connected already,
    /// from the same address too, is left alone.
    /// </summary>
    public static readonly TimeSpan HeldPace = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// The longest such wait, then it is refused: fifty wait for an address at the most. A neighbour of a flooder waits
    /// its turn among them, and clients give a connection 5 to 20 s.
    /// </summary>
    public static readonly TimeSpan HeldWaitMax = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Addresses held at one time, about 100 bytes each. Beyond that the newest are not held; their connections are
    /// ended all the same.
    /// </summary>
    public const int HeldAddressesMax = 4_096;

    /// <summary>
    /// Connections of an address that have asked nothing yet. One that said hello holds 25 kB, and 10,000 that came at
    /// once made the collector stop everybody; so do those that live while it collects where they come and go.
    /// </summary>
    public const int SilentMax = 256;

    /// <summary>
    /// Connections of an address that wait in line for that room, 7 kB each: a balancer's, whose clients all come again
    /// at once. The last waits for twice the <see cref="SilentChance"/>, 2 s, if nobody before it asks anything.
    /// </summary>
    public const int LineMax = 2 * SilentMax;

    /// <summary>
    /// How long such a connection may stay while others wait for its room: three trips of a slow line of 200 ms (two
    /// are TLS 1.2's handshake, one is of a client that asks when it has seen the settings), and its turn among
    /// <see cref="SilentMax"/> handshakes, of which two processors do a thousand a second, and fewer beside
    /// settlements. The longer, the fewer get in of those who share the address with somebody that comes again and
    /// again.
    /// </summary>
    public static readonly TimeSpan SilentChance = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Connections of an address that have asked and were not answered yet. A balancer may open one for each call, and
    /// so many are a peak's: 5,000 a second that wait almost as long as they may (<see cref="ApiLimits.WaitAtPeak"/>,
    /// 1 s) are 5,000, and a fifth more for what their commit and the line take. At 25 to 30 kB each, and 5 kB for the
    /// call that waits, they hold 210 MB at the most.
    /// </summary>
    public const int AskedMax = 6_000;

    /// <summary>
    /// Between two looks whether somebody in line can be let in: several at a time then, not a timer for each.
    /// </summary>
    public static readonly TimeSpan LinePause = TimeSpan.FromMilliseconds(10);

    /// <summary>Between two lines of a kind: a flood must not fill the log; the metrics count every one.</summary>
    public static readonly TimeSpan LogPause = TimeSpan.FromSeconds(1);
}
