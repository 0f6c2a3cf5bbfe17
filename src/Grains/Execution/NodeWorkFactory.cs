using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Execution;

/// <summary>Builds the messages that start nodes.</summary>
internal sealed class NodeWorkFactory(IRunOutputFeed feed, GraphCache graphs, IOptions<ExecutionLogOptions> options)
{
    /// <summary>The message that starts a node execution.</summary>
    /// <param name="session">The run.</param>
    /// <param name="execution">The node execution, dispatched.</param>
    /// <param name="fee">Whether its dispatch owes the every-100th fee; null reads it from the stored row, because this is not the first message.</param>
    public async Task<NodeWork> CreateAsync(RunSession session, NodeExecution execution, bool? fee)
    {
        var node = session.Graph.Node(execution.NodeId);
        var block = session.Graph.FindBlock(execution.NodeId)
            ?? throw new InvalidOperationException($"Block {node.BlockId} of node {node.Id} is not known here.");
        return new NodeWork
        {
            RunId = session.Spec.RunId,
            UserId = session.Spec.UserId,
            GraphId = Guid.Parse(session.Spec.GraphId),
            GraphVersion = session.Spec.GraphVersion,
            NodeId = node.Id,
            BlockId = node.BlockId,
            Attempt = execution.Attempt,
            Epoch = execution.Epoch,
            Budget = session.Spec.MaxCost is { } most ? new RunBudget { RootRunId = session.Spec.RootRunId, MaxCredits = most } : null,
            Input = JsonPayload.Wrap(JsonValues.CompactUtf8(NodeInput.ForBlock(node, block, execution.Input))),
            Price = execution.Price,
            Fee = fee switch
            {
                null => await feed.FeeAsync(execution.Id, CancellationToken.None),
                true => options.Value.ExecutionCostPerThreshold,
                false => 0,
            },
            // The receiver of a repeated message first checks with the run that the attempt is not stale, because an earlier message may have been executed.
            Repeated = fee is null,
            UserTimeZone = session.Spec.UserTimeZone,
            TraceParent = session.Spec.TraceParent,
            IsDryRun = session.Spec.IsDryRun,
            AsksForReview = block.Kind == BlockKind.HumanInTheLoop ? !session.Spec.SkipsReviews : block.SensitiveAction && session.Spec.ReviewsSensitiveActions,
            Tools = await ToolNodes.FindAsync(session, node.Id, graphs),
        };
    }

    /// <summary>
    /// Whether a node runs in the silo of its run, without a grain of its own: its block only computes and nothing is charged for it (ADR 0017). After two lost attempts it
    /// gets a grain, so that it can run on another silo.
    /// </summary>
    public static bool RunsBesideItsRun(RunSession session, NodeExecution execution, NodeWork work) =>
        work.Price + work.Fee == 0 && !execution.IsIsolated && session.Graph.FindBlock(execution.NodeId) is { EffectFree: true };
}
