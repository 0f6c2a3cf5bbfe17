using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Runs tools in the place of the node that calls them: as an attempt of their own, which is charged, reviewed, cancelled and measured as every other one, and reports here
/// instead of to a run (ADR 0035). Its id is derived from the node execution and the number of the call, so that all attempts charge for it once.
/// </summary>
/// <param name="runner">Runs the attempts.</param>
/// <param name="parent">The attempt of the node that calls.</param>
/// <param name="clock">Measures the grace of a block that is cancelled.</param>
/// <param name="grace">That grace.</param>
internal sealed class ToolRuns(NodeRunner runner, NodeAttempt parent, TimeProvider clock, TimeSpan grace) : IToolRuns
{
    /// <summary>The end of a tool that could not be paid, which ends the run; null for none.</summary>
    public NodeEndMessage? Unpaid { get; private set; }

    /// <summary>True when a tool did not end because the silo leaves, so that the node does not end here either.</summary>
    public bool IsInterrupted { get; private set; }

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolNode tool, IReadOnlyDictionary<string, JsonElement> arguments, int call, CancellationToken cancellationToken)
    {
        if (!NodeInput.TryPrepareTool(tool.Block, tool.Constants, arguments, out var input, out var problem)) return new ToolResult { Error = problem };
        var work = parent.Work with
        {
            NodeId = tool.NodeId,
            BlockId = tool.Block.Id,
            Input = JsonPayload.Wrap(JsonValues.CompactUtf8(NodeInput.ForTool(tool.Block, tool.Constants, input))),
            Price = Prices.Of(tool.Block, input),
            Fee = 0,
            Repeated = false,
            AsksForReview = tool.AsksForReview,
            Tools = null,
        };
        var reports = new ToolReports();
        using var attempt = new NodeAttempt(NodeExecutionIds.Tool(parent.NodeExecutionId, call), work, reports.Take, clock, grace) { Parent = parent };
        parent.Tool = attempt;
        try
        {
            using var cancelling = parent.Cancelled.UnsafeRegister(
                static state =>
                {
                    var tool = (NodeAttempt)state!;
                    if (tool.Parent!.IsReplaced) tool.Replace();
                    else tool.Cancel();
                },
                attempt);
            await runner.RunAsync(attempt);
        }
        finally
        {
            parent.Tool = null;
        }

        return ResultOf(reports);
    }

    private ToolResult ResultOf(ToolReports reports)
    {
        if (reports.End is not { } end)
        {
            // The silo leaves, or a newer attempt has taken over: the node goes on elsewhere from its record.
            IsInterrupted = !parent.Cancelled.IsCancellationRequested;
            if (IsInterrupted) parent.Interrupt();
            throw new OperationCanceledException("The tool was interrupted.");
        }

        if (end.OutOfCredits || end.OverBudget)
        {
            Unpaid = end;
            throw new BlockException(end.Error ?? "The tool could not be paid");
        }

        var status = ExecutionStatuses.Parse(end.Status);
        if (status == ExecutionStatus.Terminated) throw new OperationCanceledException("The tool was stopped.");
        return new ToolResult
        {
            Waits = status == ExecutionStatus.Review,
            Outputs = reports.Outputs,
            Error = status == ExecutionStatus.Failed ? end.Error ?? "The tool failed" : null,
            Cost = end.Charged + end.Measures.ExtraCost,
            Steps = 1 + end.Measures.ExtraSteps,
            LlmCalls = end.Measures.LlmCalls,
            LlmRetries = end.Measures.LlmRetries,
            InputTokens = end.Measures.InputTokens,
            OutputTokens = end.Measures.OutputTokens,
        };
    }

    /// <summary>Takes the reports of one tool.</summary>
    private sealed class ToolReports
    {
        // What a tool gave goes to the model and into the record of the node.
        private const int MaxBytes = 4 * 1024 * 1024;

        private readonly List<BlockOutput> _outputs = [];
        private int _bytes;

        public NodeEndMessage? End { get; private set; }

        public ImmutableArray<BlockOutput> Outputs => [.. _outputs];

        public Task<NodeReportAnswer> Take(NodeReportMessage report)
        {
            foreach (var output in report.Outputs.Skip(_outputs.Count - report.FirstOrdinal))
            {
                _bytes += output.Value.Size;
                if (_bytes > MaxBytes)
                    return Task.FromResult(new NodeReportAnswer { Verdict = NodeReportVerdict.Refused, NextOrdinal = _outputs.Count, Reason = $"a tool may give a model at most {MaxBytes} bytes" });
                _outputs.Add(new BlockOutput(output.Pin, JsonValues.ParseUtf8(output.Value.Memory.Span)));
            }

            End = report.End ?? End;
            return Task.FromResult(new NodeReportAnswer { Verdict = NodeReportVerdict.Accepted, NextOrdinal = _outputs.Count });
        }
    }
}
