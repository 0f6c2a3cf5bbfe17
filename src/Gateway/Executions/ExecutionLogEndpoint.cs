using Grainflow.Engine.Execution;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Executions;

/// <summary>The log of a run: attempts, waits, skips and costs, and why nodes were not executed. An addition to the contract.</summary>
internal sealed class ExecutionLogEndpoint(IExecutionQueries queries, RunLogQueries log, IRunStore runs, GraphCache graphs)
{
    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapOperation(
        new Operation("GET", "/api/graphs/{graph_id}/executions/{graph_exec_id}/log", "getV1Get execution log", "What a run has decided: attempts, waits, skips and costs of its nodes, and why nodes were not executed", "v1", "graphs")
        {
            Parameters =
            [
                Parameter.PathText("graph_id"),
                Parameter.PathText("graph_exec_id"),
                new Parameter("after", "query", false, """{"type": "integer", "minimum": 0, "default": 0}"""),
                new Parameter("limit", "query", false, """{"type": "integer", "maximum": 1000, "minimum": 1, "default": 200}"""),
                Parameter.QueryText("node_id", required: false),
            ],
            Answers = [typeof(ExecutionLogAnswer)],
        },
        async request => ApiResponse.Ok(await ReadAsync(request)));

    private async Task<ExecutionLogAnswer> ReadAsync(ApiRequest request)
    {
        var after = request.QueryNumber("after", 0, least: 0)!.Value;
        var limit = request.QueryNumber("limit", 200, least: 1, most: 1000)!.Value;
        var nodeId = request.QueryText("node_id");
        request.Require();
        var run = request.PathId("graph_exec_id") is { } runId ? await queries.FindAsync(request.Caller.UserId, runId, request.Aborted) : null;
        if (run is null || run.GraphId != request.PathId("graph_id")) throw ApiException.Detail(404, $"Graph execution #{request.Path("graph_exec_id")} does not exist.");

        // One more than is answered tells whether there is another page.
        var rows = await log.PageAsync(run.Id, after, nodeId, limit + 1, request.Aborted);
        var hasMore = rows.Count > limit;
        return new ExecutionLogAnswer
        {
            Entries = [.. rows.Take(limit).Select(Entry)],
            Next = hasMore ? rows[limit - 1].Sequence : null,
            Unstarted = hasMore ? [] : await UnstartedAsync(run, nodeId, request.Aborted),
        };
    }

    private async Task<IReadOnlyList<UnstartedNodeEntry>> UnstartedAsync(ExecutionRow run, string? nodeId, CancellationToken cancellationToken)
    {
        if (await graphs.FindForRunAsync(run.GraphId, run.GraphVersion, cancellationToken) is not { } graph || await runs.FindAsync(run.Id, cancellationToken) is not { } row) return [];
        var (executed, waiting) = await log.UnstartedAsync(run.Id, cancellationToken);
        return
        [
            .. UnstartedNodes.Of(graph.Index, RunSpecCodec.Read(row.Spec.Span), executed, waiting)
                .Where(node => nodeId is null || node.NodeId == nodeId)
                .Select(node => new UnstartedNodeEntry { NodeId = node.NodeId, NodeExecId = node.NodeExecutionId, Text = node.Reason }),
        ];
    }

    private static ExecutionLogEntry Entry(RunLogRow row)
    {
        var (nodeExecutionId, attempt) = row.Event switch
        {
            RunEvent.NodeDispatched dispatched => ((Guid?)dispatched.NodeExecutionId, (int?)dispatched.Attempt),
            RunEvent.NodeBegan began => (began.NodeExecutionId, began.Attempt),
            RunEvent.NodeInterrupted interrupted => (interrupted.NodeExecutionId, interrupted.Attempt),
            RunEvent.NodeSkipped skipped => (skipped.NodeExecutionId, null),
            RunEvent.NodeEnded ended => (ended.NodeExecutionId, ended.Attempt),
            _ => (null, null),
        };
        return new ExecutionLogEntry
        {
            Seq = row.Sequence,
            At = row.Event.At,
            Kind = row.Kind,
            NodeId = row.NodeId,
            NodeExecId = nodeExecutionId,
            Attempt = attempt,
            Status = row.Event switch
            {
                RunEvent.NodeEnded ended => ended.Status.Name(),
                RunEvent.Ended ended => ended.Status.Name(),
                _ => null,
            },
            Cost = (row.Event as RunEvent.NodeEnded)?.Charged,
            Text = RunLogText.Of(row.Event, row.WaitedSince),
        };
    }
}
