using System.Runtime.InteropServices;
using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>The snapshots of the state.</summary>
public sealed partial class GraphRun
{
    /// <summary>The state as JSON in UTF-8. Call it between events, after <see cref="DrainChanges"/>.</summary>
    public byte[] Snapshot()
    {
        var executions = _waiting.Values.SelectMany(waiting => waiting.All)
            .Concat(_ready).Concat(_running.Values).Concat(_lanes.Values.SelectMany(lane => lane)).Concat(_reviewed)
            .DistinctBy(execution => execution.Id).OrderBy(execution => execution.Ordinal);
        return JsonSerializer.SerializeToUtf8Bytes(
            new RunSnapshot
            {
                Status = Status,
                Error = Error,
                StartedAt = StartedAt,
                EndedAt = EndedAt,
                Stats = Stats,
                Created = _created,
                Dispatched = _dispatched,
                Reviewed = _reviewed.Count > 0 ? [.. _reviewed.Select(execution => execution.Id)] : null,
                HasBeenReviewed = HasBeenReviewed,
                GoesOnSince = HasBeenReviewed ? _goesOnSince : null,
                RanBefore = _ranBefore.TotalSeconds,
                StopOutcome = _stop?.Outcome,
                StopReason = _stop?.Reason,
                QueuedNodes = _queuedNodes is null ? null : [.. _queuedNodes],
                Warnings = _warnings.ToStored(),
                Failures = _failures.ToStored(),
                Executions = [.. executions.Select(Write)],
                Ready = [.. _ready.Select(execution => execution.Id)],
                Lanes = _lanes.Where(lane => lane.Value.Count > 0)
                    .ToDictionary(lane => lane.Key, lane => lane.Value.Select(execution => execution.Id).ToList(), StringComparer.Ordinal),
                LastInput = _lastInput,
            },
            RunJson.Snapshot);
    }

    /// <summary>Creates a run in the state of a snapshot. The caller then applies the later events of the log.</summary>
    /// <param name="graph">The graph version of the spec.</param>
    /// <param name="spec">The spec of the run.</param>
    /// <param name="limits">The limits of the run.</param>
    /// <param name="utf8">The snapshot.</param>
    /// <exception cref="JsonException">It is not a snapshot.</exception>
    public static GraphRun Restore(GraphIndex graph, RunSpec spec, RunLimits limits, ReadOnlySpan<byte> utf8)
    {
        var snapshot = JsonSerializer.Deserialize(utf8, RunJson.Snapshot) ?? throw new JsonException("The snapshot is null.");
        var run = new GraphRun(graph, spec with { Starts = [] }, limits)
        {
            Status = snapshot.Status,
            Error = snapshot.Error,
            StartedAt = snapshot.StartedAt,
            EndedAt = snapshot.EndedAt,
            Stats = snapshot.Stats,
            _created = snapshot.Created,
            _dispatched = snapshot.Dispatched,
            HasBeenReviewed = snapshot.HasBeenReviewed,
            _goesOnSince = snapshot.GoesOnSince ?? snapshot.StartedAt,
            _ranBefore = TimeSpan.FromSeconds(snapshot.RanBefore),
            _stop = snapshot.StopOutcome is { } outcome ? (outcome, snapshot.StopReason) : null,
            _queuedNodes = snapshot.QueuedNodes?.ToHashSet(StringComparer.Ordinal),
        };
        run._warnings.Restore(snapshot.Warnings);
        run._failures.Restore(snapshot.Failures);
        var byId = new Dictionary<Guid, NodeExecution>();
        foreach (var entry in snapshot.Executions)
        {
            var execution = Read(entry);
            byId.Add(execution.Id, execution);
            if (execution.Status == ExecutionStatus.Incomplete) run.Waiting(execution.NodeId).Add(execution);
            if (execution.Status == ExecutionStatus.Running) run._running.Add(execution.Id, execution);
        }

        run._tooManyOutputs = byId.Values.Any(execution => execution.Emitted.Count > limits.MaxOutputsPerExecution);
        run.OpenBytes = byId.Values.Where(execution => execution.Status != ExecutionStatus.Review).Sum(execution => execution.ArrivedBytes + execution.Backlog.Sum(output => (long)JsonValues.CompactSize(output.Value)));
        foreach (var id in snapshot.Ready) run._ready.Enqueue(byId[id]);
        foreach (var id in snapshot.Reviewed ?? []) run._reviewed.Add(byId[id]);
        foreach (var (nodeId, lane) in snapshot.Lanes)
            foreach (var id in lane) run.Lane(nodeId).Enqueue(byId[id]);
        foreach (var (nodeId, input) in snapshot.LastInput)
            if (graph.Incoming(nodeId).Any(link => link.IsStatic)) run._lastInput[nodeId] = input;
        return run;
    }

    private static RunSnapshot.Entry Write(NodeExecution execution) => new()
    {
        Id = execution.Id,
        Ordinal = execution.Ordinal,
        NodeId = execution.NodeId,
        Status = execution.Status,
        Attempt = execution.Attempt,
        LostAttempts = execution.LostAttempts,
        Interrupted = execution.Interrupted,
        WasReviewed = execution.WasReviewed,
        NotBegun = execution is { Status: ExecutionStatus.Running, HasBegun: false },
        Start = execution.Start?.Number,
        NotBefore = execution.NotBefore,
        Host = execution.Host,
        Epoch = execution.Epoch,
        Input = execution.Input,
        Price = execution.Price,
        Charged = execution.Charged,
        AddedAt = execution.AddedAt,
        QueuedAt = execution.QueuedAt,
        StartedAt = execution.StartedAt,
        EndedAt = execution.EndedAt,
        Error = execution.Error,
        Stats = execution.Stats,
        Outputs = [.. execution.Backlog.Select(output => new RunSnapshot.Output(output.Pin, output.Value))],
        Routed = execution.Emitted.Count - execution.Backlog.Count,
        RoutedDigests = Write(CollectionsMarshal.AsSpan(execution.Emitted)[..^execution.Backlog.Count]),
        ArrivedBytes = execution.ArrivedBytes,
        NextOrdinal = execution.NextOrdinal,
        Inherited = execution.Inherited,
        Repeating = execution.Repeating,
    };

    private static NodeExecution Read(RunSnapshot.Entry entry)
    {
        var execution = new NodeExecution(entry.Id, entry.Ordinal, entry.NodeId, entry.AddedAt)
        {
            Status = entry.Status,
            Attempt = entry.Attempt,
            LostAttempts = entry.LostAttempts ?? Math.Max(0, entry.Attempt - 1),
            Interrupted = entry.Interrupted,
            WasReviewed = entry.WasReviewed,
            HasBegun = entry is { Status: ExecutionStatus.Running, NotBegun: false },
            Start = entry.Start is { } start ? new AttemptStart(entry.Host!, start) : null,
            NotBefore = entry.NotBefore,
            Host = entry.Host,
            Epoch = entry.Epoch,
            Input = entry.Input,
            Price = entry.Price,
            Charged = entry.Charged,
            QueuedAt = entry.QueuedAt,
            StartedAt = entry.StartedAt,
            EndedAt = entry.EndedAt,
            Error = entry.Error,
            Stats = entry.Stats,
            ArrivedBytes = entry.ArrivedBytes ?? entry.Input.Values.Sum(value => (long)JsonValues.CompactSize(value)),
            NextOrdinal = entry.NextOrdinal,
            Inherited = entry.Inherited,
            Repeating = entry.Repeating,
        };
        // Snapshots of older releases, which have no digests, list all outputs.
        var listed = entry.RoutedDigests is null ? entry.Routed : 0;
        for (var routed = entry.RoutedDigests.AsSpan(); !routed.IsEmpty; routed = routed[OutputDigest.Size..]) execution.Emitted.Add(OutputDigest.Read(routed));
        foreach (var (output, i) in entry.Outputs.Select((output, i) => (output, i)))
        {
            execution.Emitted.Add(OutputDigest.Of(output.Pin, output.Value));
            if (i >= listed) execution.Backlog.Enqueue((output.Pin, output.Value));
        }

        return execution;
    }

    private static byte[]? Write(ReadOnlySpan<OutputDigest> digests)
    {
        if (digests.IsEmpty) return null;
        var bytes = new byte[digests.Length * OutputDigest.Size];
        for (var i = 0; i < digests.Length; i++) digests[i].Write(bytes.AsSpan(i * OutputDigest.Size));
        return bytes;
    }
}
