using System.Runtime.CompilerServices;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Reads runs and their logs for live events.</summary>
internal sealed class RunReader(IRunStore runs, IExecutionLog log, LogTails tails, GraphCache graphs, IOptions<LiveOptions> options)
{
    /// <summary>A run before the first event of its log, or null when the user has no such run.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="runId">The run.</param>
    /// <param name="includeDeleted">True to open also a run that the user has deleted.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<RunProjection?> OpenAsync(string userId, Guid runId, bool includeDeleted, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(runId, cancellationToken) is not { } row || row.UserId != userId || (row.Deleted && !includeDeleted)) return null;
        if (await graphs.FindForRunAsync(row.GraphId, row.GraphVersion, cancellationToken) is not { Index: var graph }) return null;
        return new RunProjection(new ProjectedRun(
            graph,
            RunSpecCodec.Read(row.Spec.Span),
            JsonValues.ParseUtf8(row.Inputs.Span),
            row.CredentialInputs is { } credentials ? JsonValues.ParseUtf8(credentials.Span) : null,
            row.PresetId), options.Value.EventLimits);
    }

    /// <summary>The events after a place in the log of a run, in order.</summary>
    public async IAsyncEnumerable<(long Sequence, RunEvent Event)> ReadAsync(Guid runId, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var logged in log.ReadAsync(runId, afterSequence, cancellationToken)) yield return (logged.Sequence, logged.ToRunEvent());
    }

    /// <summary>Begins to collect the events that this process appends to a log, until the result is disposed.</summary>
    public LogTail Follow(Guid runId) => tails.Follow(runId);
}
