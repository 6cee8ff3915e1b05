using System.Globalization;
using CsvHelper;

namespace SettlementGrid.Import;

/// <summary>
/// <c>FILE.rejects.csv</c>: line, reason, sentences, the original line. UTF-8 with a byte order mark, so that
/// spreadsheets show the Chinese. It comes into being with the first reject. Not thread-safe.
/// </summary>
sealed class RejectsFile : IDisposable
{
    static readonly string[] Header = ["line", "reason", "message_zh", "message_en", "original"];

    FileStream? _stream;
    CsvWriter? _csv;

    RejectsFile(string path) => Path = path;

    public string Path { get; }

    public bool Exists => _stream is not null;

    /// <summary>
    /// Continues the rejects of an interrupted run at the length its checkpoint knows, or begins anew. Null: there is
    /// less than the checkpoint knows, so that nothing can be continued.
    /// </summary>
    public static RejectsFile? Open(string path, long length)
    {
        var file = new RejectsFile(path);
        if (length == 0)
        {
            File.Delete(path);
            return file;
        }
        if (!File.Exists(path) || new FileInfo(path).Length < length)
            return null;
        file._stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read);
        file._stream.SetLength(length);
        file._stream.Seek(0, SeekOrigin.End);
        file.Begin(file._stream, withMark: false);
        return file;
    }

    public void Add(IReadOnlyList<Reject> rejects)
    {
        if (rejects.Count == 0)
            return;
        if (_stream is null)
        {
            _stream = new FileStream(Path, FileMode.Create, FileAccess.Write, FileShare.Read);
            Begin(_stream, withMark: true);
            Write(Header);
        }
        foreach (var (line, refusal, original) in rejects)
            Write(
                line.ToString(CultureInfo.InvariantCulture), refusal.Code, refusal.MessageZh, refusal.MessageEn,
                original);
    }

    /// <summary>
    /// Brings everything to the disk; gives the length, by which a checkpoint finds this point again.
    /// </summary>
    public long Flush()
    {
        if (_stream is null)
            return 0;
        _csv!.Flush();
        _stream.Flush(flushToDisk: true);
        return _stream.Length;
    }

    public void Dispose()
    {
        _csv?.Dispose();
        _stream?.Dispose();
    }

    void Begin(FileStream stream, bool withMark)
    {
        var options = new CsvWriterOptions { HasHeader = false, WriteByteOrderMark = withMark };
        _csv = CsvWriter.Create(stream, options, leaveOpen: true);
    }

    void Write(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
            _csv!.WriteField(field);
        _csv!.EndRecord();
    }
}
