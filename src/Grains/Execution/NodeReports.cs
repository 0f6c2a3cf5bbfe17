using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>Converts reports from grain messages to the Engine's records.</summary>
internal static class NodeReports
{
    public static NodeReport ToEngine(NodeReportMessage message) => new(
        message.NodeExecutionId,
        message.Attempt,
        message.FirstOrdinal,
        [.. message.Outputs.Select(output => (output.Pin, JsonValues.ParseUtf8(output.Value.Memory.Span)))],
        message.End is { } end
            ? new NodeEnd(ExecutionStatuses.Parse(end.Status), end.Error, end.Charged, end.OutOfCredits, ToEngine(end.Measures),
                end.Warnings is { } warnings ? RunWarnings.FromUtf8(warnings.Memory.Span) : null, end.OverBudget)
            : null)
    {
        Epoch = message.Epoch,
        Interrupted = message.Interrupted,
        Start = message.Host is { } host ? new AttemptStart(host, message.Start) : null,
        Begins = message.Begins,
    };

    private static NodeStats ToEngine(NodeMeasures measures) => new()
    {
        WallTime = measures.WallTime,
        InputSize = measures.InputSize,
        OutputSize = measures.OutputSize,
        LlmCallCount = measures.LlmCalls,
        LlmRetryCount = measures.LlmRetries,
        InputTokenCount = measures.InputTokens,
        OutputTokenCount = measures.OutputTokens,
        ExtraCost = measures.ExtraCost,
        ExtraSteps = measures.ExtraSteps,
        ContextUsed = measures.ContextUsed,
        ContextMax = measures.ContextMax,
    };
}
