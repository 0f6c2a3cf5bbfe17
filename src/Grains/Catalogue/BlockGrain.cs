using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces.Catalogue;
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
internal sealed class BlockGrain(IBlockRegistry registry, DirectExecution execution, Draining draining, IIdSource ids, IOptions<WebhookOptions> webhooks) : Grain, IBlockGrain
{
    /// <inheritdoc/>
    public async Task<ExecuteBlockResult> Execute(ExecuteBlock command)
    {
        var id = this.GetPrimaryKeyString();
        if (registry.FindBlock(id) is not { } block) return Ended(ExecuteBlockOutcome.Unknown, $"Block #{id} not found.");
        if (block.Definition.Disabled || webhooks.Value.Disables(block.Definition)) return Ended(ExecuteBlockOutcome.Disabled, $"Block #{id} is disabled.");
        if (block.Definition.Kind == BlockKind.Agent) return Ended(ExecuteBlockOutcome.Refused, $"{block.Definition.Name} runs only inside a graph.");

        using var underWay = draining.BeginBlock();
        using var span = Spans.Begin("block_execution", command.TraceParent)?.SetTag("grainflow.block", block.Definition.Name);
        var result = await execution.RunAsync(block, command, command.OperationId == Guid.Empty ? ids.NewId() : command.OperationId);
        var status = result.Outcome == ExecuteBlockOutcome.Completed ? ExecutionStatus.Completed : ExecutionStatus.Failed;
        Spans.End(span, status.Name(), status == ExecutionStatus.Failed);
        return result;
    }

    private static ExecuteBlockResult Ended(ExecuteBlockOutcome outcome, string error) => new() { Outcome = outcome, Outputs = [], Error = error };
}
