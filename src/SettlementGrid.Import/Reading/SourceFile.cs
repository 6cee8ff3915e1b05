using System.Security.Cryptography;
using System.Text;
using SettlementGrid.Plans;

namespace SettlementGrid.Import.Reading;

/// <summary>
/// The file as it was found: its length, SHA-256 and encoding. Encodings are told strictly over the whole file: UTF-8
/// (with or without byte order mark) if every byte is, else GB18030 if every byte is; a file that is neither is refused
/// with the line, since guessing would store broken texts.
/// </summary>
sealed record SourceFile(string Path, long Length, string Sha256, Encoding Encoding)
{
    const int BlockBytes = 1 << 20;

    public static async Task<(SourceFile? File, Refusal? Refusal)> Examine(string path, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        var (length, wrongUtf8) = await Decode(path, utf8, hash, cancellation);
        var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (wrongUtf8 is null)
            return (new SourceFile(path, length, sha256, utf8), null);
        var gb18030 = Gb18030();
        var (_, wrongGb) = await Decode(path, gb18030, null, cancellation);
        return wrongGb is null
            ? (new SourceFile(path, length, sha256, gb18030), null)
            : (null, new Refusal(
                RefusalReason.MalformedRequest,
                $"文件既不是 UTF-8（第 {wrongUtf8} 行）也不是 GB18030（第 {wrongGb} 行），请另存为 UTF-8",
                $"The file is neither UTF-8 (line {wrongUtf8}) nor GB18030 (line {wrongGb}); save it as UTF-8"));
    }

    /// <summary>Opens the text; a byte order mark is left out.</summary>
    public StreamReader Open()
    {
        var stream = new FileStream(
            Path, FileMode.Open, FileAccess.Read, FileShare.Read, BlockBytes, FileOptions.SequentialScan);
        var reader = new StreamReader(stream, Encoding, detectEncodingFromByteOrderMarks: false, BlockBytes);
        if (reader.Peek() == '\ufeff')
            _ = reader.Read();
        return reader;
    }

    internal static Encoding Gb18030() => CodePagesEncodingProvider.Instance.GetEncoding(
            "GB18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
        ?? throw new InvalidOperationException("The framework lacks GB18030.");

    /// <summary>
    /// Reads the whole file; the line of the first byte that is not of the encoding, null where all are.
    /// </summary>
    static async Task<(long Length, long? WrongLine)> Decode(
        string path, Encoding encoding, IncrementalHash? hash, CancellationToken cancellation)
    {
        await using var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, 1,
            FileOptions.SequentialScan | FileOptions.Asynchronous);
        var bytes = new byte[BlockBytes];
        var chars = new char[encoding.GetMaxCharCount(BlockBytes)];
        var decoder = encoding.GetDecoder();
        long length = 0, line = 1;
        long? wrong = null;
        int count;
        do
        {
            count = await stream.ReadAsync(bytes, cancellation);
            length += count;
            hash?.AppendData(bytes, 0, count);
            if (wrong is not null)
                continue;
            try
            {
                decoder.GetChars(bytes.AsSpan(0, count), chars, flush: count == 0);
                line += bytes.AsSpan(0, count).Count((byte)'\n');
            }
            catch (DecoderFallbackException fault)
            {
                wrong = line + bytes.AsSpan(0, Math.Clamp(fault.Index, 0, count)).Count((byte)'\n');
            }
        }
        while (count > 0);
        return (length, wrong);
    }
}
