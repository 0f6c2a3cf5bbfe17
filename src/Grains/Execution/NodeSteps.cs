using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Storage.Steps;

namespace Grainflow.Grains.Execution;

/// <summary>The journal of one node execution (ADR 0035). One attempt uses it at a time, step by step.</summary>
/// <param name="store">The rows.</param>
/// <param name="nodeExecutionId">The node execution.</param>
/// <param name="calls">Repeats what the database did not answer; the same step is stored once.</param>
/// <param name="clock">The time of the rows.</param>
internal sealed class NodeSteps(INodeStepStore store, Guid nodeExecutionId, GrainCallRetry calls, TimeProvider clock) : IStepJournal
{
    // A node execution cannot end for longer than this after its last step, except while it waits for a person; those that have not ended are kept.
    private static readonly TimeSpan LeftBehind = TimeSpan.FromHours(1);

    private Dictionary<int, NodeStep>? _done;

    /// <summary>True once there is something to forget.</summary>
    public bool IsUsed => _done is not null;

    /// <inheritdoc/>
    public async Task<JsonElement?> OnceAsync(int step, string kind, Func<Task<JsonElement?>> work, CancellationToken cancellationToken)
    {
        _done ??= (await calls.BoundedAsync(() => store.ReadAsync(nodeExecutionId, cancellationToken), cancellationToken)).ToDictionary(done => done.Number);
        if (_done.TryGetValue(step, out var earlier)) return ResultOf(earlier, kind);
        if (await work() is not { } result) return null;
        // Not given up when the node is cancelled meanwhile: what is done is done.
        var stored = await calls.BoundedAsync(
            () => store.RecordAsync(nodeExecutionId, new NodeStep(step, kind, JsonValues.CompactUtf8(JsonValues.Clean(result))), clock.GetUtcNow(), CancellationToken.None), CancellationToken.None);
        _done[step] = stored;
        return ResultOf(stored, kind);
    }

    /// <summary>Removes the steps, once the end of the node execution is durable.</summary>
    public Task ForgetAsync() => store.ForgetAsync(nodeExecutionId, clock.GetUtcNow() - LeftBehind, CancellationToken.None);

    private static JsonElement ResultOf(NodeStep step, string kind) =>
        step.Kind == kind ? JsonValues.ParseUtf8(step.Result.Span) : throw new InvalidOperationException($"Step {step.Number} of the earlier attempt was '{step.Kind}' and not '{kind}'; the node cannot go on from it.");
}
