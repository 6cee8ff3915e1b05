using System.Text;
using System.Threading.Channels;

namespace SettlementGrid.Server.Logging;

/// <summary>
/// Writes lines to DIR/log/server.jsonl behind everybody's back: a caller never waits for the disk. Bounded in
/// memory (lines beyond the queue are counted and the count is written) and on disk (old files are dropped).
/// </summary>
/// <remarks>It does not promise that the last lines survive a SIGKILL, nor any line on a full disk.</remarks>
public sealed class LogFile : IAsyncDisposable
{
    private readonly string _folder;
    private readonly long _fileBytesMax;
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(ServerLimits.LogLinesWaitingMax)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
        });

    private readonly Task _writing;
    private long _dropped;

    public LogFile(string folder, long fileBytesMax = ServerLimits.LogFileBytesMax)
    {
        _folder = folder;
        _fileBytesMax = fileBytesMax;
        Directory.CreateDirectory(folder);
        _writing = Task.Run(WriteAsync);
    }

    public string CurrentPath => Path.Combine(_folder, "server.jsonl");

    public void Write(string line)
    {
        if (!_lines.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync()
    {
        StreamWriter? file = null;
        while (await _lines.Reader.WaitToReadAsync())
        {
            try
            {
                file ??= Open();
                while (_lines.Reader.TryRead(out var line))
                {
                    await file.WriteAsync(line);
                    await file.WriteAsync('\n');
                }

                if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                {
                    await file.WriteAsync(
                        $"{{\"level\":\"Warning\",\"message\":\"{dropped} log lines were dropped\"}}\n");
                }

                await file.FlushAsync();
                if (file.BaseStream.Length >= _fileBytesMax)
                {
                    await file.DisposeAsync();
                    file = null;
                    MoveOn();
                }
            }
            catch (IOException)
            {
                // A full disk must not stop settlements from being refused properly; the lines of now are lost.
                file = null;
            }
        }

        if (file is not null)
        {
            await file.DisposeAsync();
        }
    }

    private StreamWriter Open() => new(
        new FileStream(CurrentPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete),
        new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

    // server.jsonl -> server.1.jsonl -> … the last one falls off.
    private void MoveOn()
    {
        for (var number = ServerLimits.LogFilesMax - 1; number > 0; number--)
        {
            var from = number == 1 ? CurrentPath : Path.Combine(_folder, $"server.{number - 1}.jsonl");
            if (File.Exists(from))
            {
                File.Move(from, Path.Combine(_folder, $"server.{number}.jsonl"), overwrite: true);
            }
        }
    }
}
