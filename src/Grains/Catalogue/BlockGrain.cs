using System.Collections.Immutable;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Catalogue;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Users;
using Grainflow.Grains.Telemetry;
using Grainflow.Grains.Webhooks;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Grainflow.Grains.Catalogue;

/// <inheritdoc cref="IBlockGrain"/>
/// <remarks>
/// It has no state, so each silo has an activation of its own, on which the calls from that silo run. Reentrant, so that calls of different users run at the
/// same time; only the block pools limit them.
/// </remarks>
[StatelessWorker(1), Reentrant]
internal sealed class BlockGrain(
    IBlockRegistry registry, BlockServices services, BlockPool pool, ComputingPool computingPool, Draining draining, ExecutionMetrics metrics, IIdSource ids, IOptions<WebhookOptions> webhooks, TimeProvider clock) : Grain, IBlockGrain
{
    private const int MostOutputs = 10_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public async Task<ExecuteBlockResult> Execute(ExecuteBlock command)
    {
        var id = this.GetPrimaryKeyString();
        if (registry.FindBlock(id) is not { } block) return Ended(ExecuteBlockOutcome.Unknown, $"Block #{id} not found.");
        if (block.Definition.Disabled || webhooks.Value.Disables(block.Definition)) return Ended(ExecuteBlockOutcome.Disabled, $"Block #{id} is disabled.");
        if (block.Definition.Kind == BlockKind.Agent) return Ended(ExecuteBlockOutcome.Failed, $"{block.Definition.Name} runs only inside a graph.");
        if (block.Definition.Inputs.FirstOrDefault(pin => pin.Credentials is not null && pin.Required) is { } pin)
            return Ended(ExecuteBlockOutcome.Failed, $"{block.Definition.Name} needs credentials for '{pin.Name}', which are lent only to runs of a graph.");

        using var underWay = draining.BeginBlock();
        var timeZone = await GrainFactory.GetGrain<IUserGrain>(command.UserId).GetTimeZone();
        using var span = Spans.Begin("block_execution", command.TraceParent)?.SetTag("grainflow.block", block.Definition.Name);
        var started = clock.GetTimestamp();
        var result = await RunToEndAsync(block, command, timeZone);
        var status = result.Outcome == ExecuteBlockOutcome.Completed ? ExecutionStatus.Completed : ExecutionStatus.Failed;
        metrics.BlockEnded(block.Definition.Name, status.Name(), clock.GetElapsedTime(started).TotalSeconds, []);
        Spans.End(span, status.Name(), status == ExecutionStatus.Failed);
        return result;
    }

    private static ExecuteBlockResult Ended(ExecuteBlockOutcome outcome, string error) => new() { Outcome = outcome, Outputs = [], Error = error };

    private static ExecuteBlockResult TooMany(IBlock block) => Ended(ExecuteBlockOutcome.Failed, $"{block.Definition.Name} gave more than {MostOutputs} outputs.");

    private async Task<ExecuteBlockResult> RunToEndAsync(IBlock block, ExecuteBlock command, string timeZone)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        try
        {
            // On the thread pool: a block that computes would otherwise occupy the grain's scheduler.
            return await Task.Run(() => RunAsync(block, command, timeZone, limit.Token), limit.Token);
        }
        catch (BlockFailedException exception)
        {
            return Ended(exception.Kind == BlockFailureKind.Unknown ? ExecuteBlockOutcome.Broken : ExecuteBlockOutcome.Failed, exception.Message);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Ended(ExecuteBlockOutcome.Failed, $"{block.Definition.Name} did not end within {Limit.TotalMinutes} minutes.");
        }
    }

    private async Task<ExecuteBlockResult> RunAsync(IBlock block, ExecuteBlock command, string timeZone, CancellationToken cancellationToken)
    {
        var runId = ids.NewId();
        var context = new BlockContext
        {
            UserId = command.UserId,
            GraphId = "",
            RunId = runId.ToString(),
            NodeId = "",
            NodeExecutionId = runId.ToString(),
            Clock = services.Clock,
            UserTimeZone = timeZone,
            Http = services.Http,
            Streams = services.Streams,
            Integrations = services.Integrations,
            Models = services.Models,
            Files = services.Files(runId, command.UserId),
            KeyValues = services.KeyValues(command.UserId),
        };
        var outputs = ImmutableArray.CreateBuilder<EmittedOutput>();
        if (block is IComputingBlock computing)
        {
            var input = JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Clean(JsonValues.ParseUtf8(command.Input.Memory.Span))));
            // The time limit is both tokens, so that a computation that ignores its cancellation is abandoned.
            await foreach (var batch in new ComputedOutputs(computingPool, computing, input, context.ForComputation()).ReadAsync(cancellationToken, cancellationToken))
            {
                outputs.AddRange(batch.Outputs);
                if (outputs.Count >= MostOutputs) return TooMany(block);
            }

            return new ExecuteBlockResult { Outcome = ExecuteBlockOutcome.Completed, Outputs = outputs.ToImmutable() };
        }

        using var place = await pool.EnterAsync(cancellationToken);
        await foreach (var output in BlockRunner.RunAsync(block, JsonValues.Clean(JsonValues.ParseUtf8(command.Input.Memory.Span)), context, cancellationToken))
        {
            outputs.Add(new EmittedOutput { Pin = output.Pin, Value = JsonPayload.Wrap(JsonValues.CompactUtf8(output.Value)) });
            if (outputs.Count >= MostOutputs) return TooMany(block);
        }

        return new ExecuteBlockResult { Outcome = ExecuteBlockOutcome.Completed, Outputs = outputs.ToImmutable() };
    }
}
