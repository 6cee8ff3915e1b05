using Npgsql;
using SettlementGrid.Enrollees;
using SettlementGrid.Ledger;

namespace SettlementGrid.Simulation.Database;

/// <summary>One row as it travels in the columns of the INSERT.</summary>
readonly record struct SentRow(
    StreamKey Stream, long Version, int Ordinal, Guid? Settlement, Guid? Place, byte[] Hash, byte[] Body);

/// <summary>
/// What the group commit sends: the very parameters that PostgreSQL would get, copied because the line fills them again
/// while a delayed request is still on its way.
/// </summary>
sealed record CommitRequest(
    IReadOnlyList<SentRow> Rows, long Id, int Count, byte[] Digest, long? Revision, int Raise, long? SeenNumber,
    byte[]? SeenHash, IReadOnlyList<(StreamKey Stream, long Version)> Before)
{
    // The places of EntryColumns.Insert, less one.
    const int Version = 1;
    const int Ordinal = 4;
    const int StreamKindAt = 6;
    const int Settlement = 7;
    const int Place = 8;
    const int StreamId = 9;
    const int Hash = 14;
    const int Body = 15;

    public static CommitRequest Of(IReadOnlyList<NpgsqlParameter> entries, NpgsqlParameter[] commit)
    {
        var (versions, kinds, streams) =
            (Column<long>(entries, Version), Column<short>(entries, StreamKindAt), Column<string>(entries, StreamId));
        var (ordinals, settlements, places) =
            (Column<int>(entries, Ordinal), Column<Guid?>(entries, Settlement), Column<Guid?>(entries, Place));
        var (hashes, bodies) = (Column<byte[]>(entries, Hash), Column<byte[]>(entries, Body));
        var rows = new SentRow[versions.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = new SentRow(
                new StreamKey((StreamKind)kinds[i], streams[i]), versions[i], ordinals[i], settlements[i], places[i],
                hashes[i], bodies[i]);
        var (beforeKinds, beforeStreams, beforeVersions) =
            (Column<short>(commit, 7), Column<string>(commit, 8), Column<long>(commit, 9));
        return new CommitRequest(
            rows, Single<long>(commit, 0), Single<int>(commit, 1), Single<byte[]>(commit, 2), Single<long?>(commit, 3),
            Single<int>(commit, 4), Single<long?>(commit, 5), Single<byte[]?>(commit, 6),
            [.. beforeKinds.Select((k, i) => (new StreamKey((StreamKind)k, beforeStreams[i]), beforeVersions[i]))]);
    }

    static List<T> Column<T>(IReadOnlyList<NpgsqlParameter> parameters, int at) =>
        ((NpgsqlParameter<List<T>>)parameters[at]).TypedValue!;

    static T Single<T>(NpgsqlParameter[] parameters, int at) => ((NpgsqlParameter<T>)parameters[at]).TypedValue!;
}
