using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SettlementGrid.Api;

namespace SettlementGrid.Server.Logging;

/// <summary>
/// The structured log: one JSON object a line into the log file, with time, level, category, message, its named
/// values and the exception. Citizens' numbers are masked in whatever was written.
/// </summary>
/// <remarks>Warnings and worse are also said at the terminal, as a sentence.</remarks>
public sealed class JsonLines(LogFile file, TimeProvider clock, Action<string> say) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Category(categoryName, this);

    public void Dispose()
    {
        // The file is disposed by who made it: lines of the very end come after the host is gone.
    }

    private void Write<TState>(
        string category, LogLevel level, EventId id, TState state, Exception? exception,
        Func<TState, Exception?, string> format)
    {
        var message = format(state, exception);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(
            buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("time", clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
            json.WriteString("level", level.ToString());
            json.WriteString("category", category);
            if (id.Id != 0)
            {
                json.WriteNumber("event", id.Id);
            }

            json.WriteString("message", message);
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
            {
                WriteValues(json, values);
            }

            if (exception is not null)
            {
                json.WriteString("exception", exception.ToString());
            }

            json.WriteEndObject();
        }

        var line = PersonMask.MaskNumbers(Encoding.UTF8.GetString(buffer.WrittenSpan));
        file.Write(line.Length <= ServerLimits.LogLineCharactersMax ? line : Shortened(category, level, message));
        if (level >= LogLevel.Warning)
        {
            say($"{level.ToString().ToLowerInvariant()}: {PersonMask.MaskNumbers(message)}");
        }
    }

    private static string Shortened(string category, LogLevel level, string message) => JsonSerializer.Serialize(
        new Dictionary<string, string>
        {
            ["level"] = level.ToString(),
            ["category"] = category,
            ["message"] = PersonMask.MaskNumbers(message)[..Math.Min(message.Length, 1024)],
            ["shortened"] = "true",
        });

    private static void WriteValues(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object?>> values)
    {
        foreach (var (name, value) in values)
        {
            if (name == "{OriginalFormat}")
            {
                continue;
            }

            json.WriteString(name, value?.ToString());
        }
    }

    private sealed class Category(string name, JsonLines lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // What is written at all is decided by the host's filters.
        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            lines.Write(name, logLevel, eventId, state, exception, formatter);
    }
}
