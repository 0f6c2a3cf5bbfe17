using Npgsql;
using NpgsqlTypes;

namespace Grainflow.Storage.Execution;

/// <summary>Node rows as columns, for <c>unnest</c>.</summary>
internal static class NodeRows
{
    /// <summary>The columns of node_executions that a <see cref="NodeRow"/> fills, in the order of <see cref="Parameters"/>.</summary>
    public const string Columns =
        "run_id, id, ordinal, node_id, block_id, status, attempt, host, input, price, added_at, queued_at, started_at, ended_at, error, stats";

    public static object[] Parameters(IReadOnlyList<NodeRow> rows) =>
    [
        rows.Select(row => row.RunId).ToArray(),
        rows.Select(row => row.Id).ToArray(),
        rows.Select(row => row.Ordinal).ToArray(),
        rows.Select(row => row.NodeId).ToArray(),
        rows.Select(row => row.BlockId).ToArray(),
        rows.Select(row => row.Status).ToArray(),
        rows.Select(row => row.Attempt).ToArray(),
        Sql.Array(NpgsqlDbType.Text, rows.Select(row => row.Host).ToArray()),
        Sql.JsonArray(rows.Select(row => row.Input)),
        rows.Select(row => row.Price).ToArray(),
        Sql.TimeArray(rows.Select(row => (DateTimeOffset?)row.AddedAt)),
        Sql.TimeArray(rows.Select(row => row.QueuedAt)),
        Sql.TimeArray(rows.Select(row => row.StartedAt)),
        Sql.TimeArray(rows.Select(row => row.EndedAt)),
        Sql.Array(NpgsqlDbType.Text, rows.Select(row => row.Error).ToArray()),
        Sql.JsonArray(rows.Select(row => row.Stats)),
    ];

    /// <summary>Reads <see cref="Columns"/> from the start of a row.</summary>
    public static NodeRow Map(NpgsqlDataReader row) => new()
    {
        RunId = row.GetGuid(0),
        Id = row.GetGuid(1),
        Ordinal = row.GetInt32(2),
        NodeId = row.GetString(3),
        BlockId = row.GetString(4),
        Status = row.GetString(5),
        Attempt = row.GetInt32(6),
        Host = row.GetStringOrNull(7),
        Input = row.GetBytesOrNull(8),
        Price = row.GetInt64(9),
        AddedAt = row.GetTime(10),
        QueuedAt = row.GetTimeOrNull(11),
        StartedAt = row.GetTimeOrNull(12),
        EndedAt = row.GetTimeOrNull(13),
        Error = row.GetStringOrNull(14),
        Stats = row.GetBytesOrNull(15),
    };

    /// <summary>One row per id, in the order of the last ones; a null input falls back to the one before.</summary>
    public static List<NodeRow> Coalesce(IEnumerable<NodeRow> rows)
    {
        var latest = new Dictionary<Guid, NodeRow>();
        foreach (var row in rows)
        {
            latest[row.Id] = row.Input is null && latest.TryGetValue(row.Id, out var before)
                ? row with { Input = before.Input }
                : row;
        }

        return [.. latest.Values];
    }
}
