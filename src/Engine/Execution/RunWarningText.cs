namespace Grainflow.Engine.Execution;

/// <summary>The texts of warnings for users.</summary>
internal static class RunWarningText
{
    public static string Of(RunWarning warning) => warning.Kind switch
    {
        RunWarningKind.NeverRan when warning.MissingPins is { } pins => $"{Subject(warning)} never ran: nothing arrived on {Pins(pins)}, and {Executions(warning.WaitingCount)} waited for it.",
        RunWarningKind.NeverRan => $"{Subject(warning)} never ran: {Executions(warning.WaitingCount)} had a value on every input and could not start: {warning.Error}",
        RunWarningKind.NodeFailed => $"{Subject(warning)} failed: {warning.Error}",
        RunWarningKind.OutputRefused when warning.OutputPins is { } pins => $"{Subject(warning)} lost {Outputs(warning.OutputCount)} on {Pins(pins)}: {warning.Error}",
        RunWarningKind.OutputRefused => $"{Subject(warning)} lost {Outputs(warning.OutputCount)}: {warning.Error}",
        _ => throw new ArgumentOutOfRangeException(nameof(warning), warning.Kind, "Unknown kind of warning."),
    };

    private static string Subject(RunWarning warning)
    {
        if (warning.Path is not [.., var innermost] path) return $"Node {warning.NodeId} ({warning.Node})";
        return $"Node {innermost.NodeId} ({innermost.Node}) in sub-agent {string.Join(" > ", path.Select(step => $"'{step.Agent}'"))} of node {warning.NodeId} ({warning.Node})";
    }

    private static string Pins(IReadOnlyList<string> pins) => string.Join(", ", pins.Select(pin => $"'{pin}'"));

    private static string Executions(int count) => count == 1 ? "1 execution" : $"{count} executions";

    private static string Outputs(int count) => count == 1 ? "1 output" : $"{count} outputs";
}
