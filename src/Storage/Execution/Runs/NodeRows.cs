using Npgsql;

namespace Grainflow.Storage.Execution;

/// <summary>How rows of node executions are written and read.</summary>
internal static class NodeRows
{
    /// <summary>The columns of <c>node_executions</c> that a <see cref="NodeRow"/> fills; <see cref="Map"/> reads them in this order.</summary>
    public static RowColumns<NodeRow> Columns { get; } = new RowColumns<NodeRow>()
        .Uuid("run_id", row => row.RunId)
        .Uuid("id", row => row.Id)
        .Int("ordinal", row => row.Ordinal)
        .Text("node_id", row => row.NodeId)
        .Text("block_id", row => row.BlockId)
        .Text("status", row => row.Status)
        .Int("attempt", row => row.Attempt)
        .Text("host", row => row.Host)
        .Json("input", row => row.Input)
        .Bigint("price", row => row.Price)
        .Time("added_at", row => row.AddedAt)
        .Time("queued_at", row => row.QueuedAt)
        .Time("started_at", row => row.StartedAt)
        .Time("ended_at", row => row.EndedAt)
        .Text("error", row => row.Error)
        .Json("stats", row => row.Stats);

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

    /// <summary>One row per id, the last one; where its input is null, the input of the row before it is kept.</summary>
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
