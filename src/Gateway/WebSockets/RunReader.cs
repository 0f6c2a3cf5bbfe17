using System.Runtime.CompilerServices;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Reads runs and their logs for those who watch them.</summary>
internal sealed class RunReader(IRunStore runs, IExecutionLog log, LogTails tails, GraphCache graphs)
{
    /// <summary>A run before the first fact of its log, or null when the user has no such run.</summary>
    public async Task<EventProjection?> OpenAsync(string userId, Guid runId, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(runId, cancellationToken) is not { Deleted: false } row || row.UserId != userId) return null;
        if (await graphs.FindForRunAsync(row.GraphId, row.GraphVersion, cancellationToken) is not { Index: var graph }) return null;
        return new EventProjection(new WatchedRun(
            graph,
            RunSpecCodec.Read(row.Spec.Span),
            JsonValues.ParseUtf8(row.Inputs.Span),
            row.CredentialInputs is { } credentials ? JsonValues.ParseUtf8(credentials.Span) : null,
            row.PresetId));
    }

    /// <summary>The facts that follow in the log of a run.</summary>
    public async IAsyncEnumerable<(long Sequence, RunEvent Fact)> ReadAsync(Guid runId, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var logged in log.ReadAsync(runId, afterSequence, cancellationToken)) yield return (logged.Sequence, Fact(logged));
    }

    /// <summary>Keeps what is added to a log in this process, for one that follows it.</summary>
    public LogTail Follow(Guid runId) => tails.Follow(runId);

    /// <summary>An event of a log as the fact that it stands for.</summary>
    public static RunEvent Fact(LoggedEvent logged) => RunEventCodec.Read(
        logged.Kind, logged.Body.Span, logged.Output is { } output ? (output.Pin, JsonValues.ParseUtf8(output.Value.Span)) : null);
}
