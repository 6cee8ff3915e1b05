using System.Globalization;

namespace SettlementGrid.MovedClock;

/// <summary>
/// The machine's clock as an operator or a broken time server moves it: the wall clock jumps, timers and time stamps
/// run on as they did. What it shows is said by a file that is read every few milliseconds: "+MS" so many milliseconds
/// beside the true time, "=MS" standing still at so many since 1970; what follows a space only tells two texts apart.
/// </summary>
sealed class MovedClock : TimeProvider, IDisposable
{
    /// <summary>Soon enough that a test never waits for it, and nothing beside a settlement.</summary>
    static readonly TimeSpan s_readEvery = TimeSpan.FromMilliseconds(5);

    readonly string _file;
    readonly Action<string> _moved;
    readonly Timer _reading;
    volatile string _text;
    volatile Func<DateTimeOffset> _now;

    /// <param name="file">There before this is made.</param>
    /// <param name="moved">Told what the file says, once the clock shows it.</param>
    public MovedClock(string file, Action<string> moved)
    {
        (_file, _moved) = (file, moved);
        _text = File.ReadAllText(file).Trim();
        _now = Read(_text);
        _reading = new Timer(_ => Look(), null, s_readEvery, Timeout.InfiniteTimeSpan);
    }

    public override DateTimeOffset GetUtcNow() => _now();

    public void Dispose() => _reading.Dispose();

    void Look()
    {
        // Renamed into its place, so it is whole whenever it is read.
        var text = File.ReadAllText(_file).Trim();
        if (text != _text)
        {
            (_now, _text) = (Read(text), text);
            _moved(text);
        }
        _reading.Change(s_readEvery, Timeout.InfiniteTimeSpan);
    }

    Func<DateTimeOffset> Read(string text)
    {
        var milliseconds = long.Parse(
            text.Split(' ')[0].AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (text[0] == '=')
        {
            var standing = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            return () => standing;
        }
        var offset = TimeSpan.FromMilliseconds(milliseconds);
        return () => base.GetUtcNow() + offset;
    }
}
