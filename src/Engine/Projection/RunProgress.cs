using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Projection;

/// <summary>The kind of a line of progress; it decides the color.</summary>
public enum ProgressKind
{
    /// <summary>The run goes on.</summary>
    Neutral,

    /// <summary>A node begins.</summary>
    Started,

    /// <summary>A node or the run completed.</summary>
    Succeeded,

    /// <summary>Another attempt, a stop, or a warning.</summary>
    Notable,

    /// <summary>A node failed, or the run did not complete.</summary>
    Failed,
}

/// <summary>A line of progress.</summary>
/// <param name="At">When it happened, UTC.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">The line.</param>
public sealed record ProgressLine(DateTimeOffset At, ProgressKind Kind, string Text);

/// <summary>Turns the events in the log of a run into lines of progress for people. Not thread-safe.</summary>
/// <param name="graph">The graph version of the run.</param>
/// <param name="spec">What the run started from.</param>
public sealed class RunProgress(GraphIndex graph, RunSpec spec)
{
    /// <summary>How many characters of an output are shown, counted as code points.</summary>
    private const int PreviewLength = 70;

    private readonly GraphRun _run = new(graph, spec, new RunLimits());
    private readonly Dictionary<Guid, string> _titles = [];

    /// <summary>The lines that follow from the next event of the log; often one, sometimes none.</summary>
    /// <param name="runEvent">The event.</param>
    /// <exception cref="InvalidOperationException">The event does not fit the state: the log is not of this run, or of other block definitions.</exception>
    public IEnumerable<ProgressLine> Apply(RunEvent runEvent)
    {
        _run.Apply(runEvent);
        _run.DrainChanges();
        if (runEvent is RunEvent.NodeDispatched { Attempt: 1 } first && _run.FindRunning(first.NodeExecutionId) is { } execution)
            _titles[first.NodeExecutionId] = NodeTitle.Of(graph, execution.NodeId);
        List<ProgressLine> lines = [.. Lines(runEvent).Select(line => new ProgressLine(runEvent.At, line.Kind, line.Text))];
        if (runEvent is RunEvent.NodeEnded ended) _titles.Remove(ended.NodeExecutionId);
        return lines;
    }

    private IEnumerable<(ProgressKind Kind, string Text)> Lines(RunEvent runEvent) => runEvent switch
    {
        RunEvent.Started => [(ProgressKind.Neutral, $"{graph.Graph.Name}: run {spec.RunId} started, {graph.Graph.Nodes.Length} {(graph.Graph.Nodes.Length == 1 ? "node" : "nodes")}")],
        RunEvent.NodeDispatched { Attempt: > 1 } again => [(ProgressKind.Notable, $"again {Title(again.NodeExecutionId)} (attempt {again.Attempt})")],
        RunEvent.NodeDispatched dispatched => [(ProgressKind.Started, $"start {Title(dispatched.NodeExecutionId)}")],
        RunEvent.NodeOutput output => [(ProgressKind.Neutral, $"  out {Title(output.NodeExecutionId)} {output.Pin} = {Preview(output.Value)}")],
        RunEvent.NodeEnded { Status: ExecutionStatus.Failed } failed => [(ProgressKind.Failed, $" fail {Title(failed.NodeExecutionId)}: {failed.Error}")],
        RunEvent.NodeEnded ended =>
            [(ProgressKind.Succeeded, $" done {Title(ended.NodeExecutionId)} {ended.Status.Name()} in {Seconds(ended.Stats.WallTime)}{(ended.Charged > 0 ? $", {ended.Charged} credits" : "")}")],
        RunEvent.StopRequested stop => [(ProgressKind.Notable, $"stopping: {stop.Reason ?? "asked for by the user"}")],
        RunEvent.Ended ended => End(ended),
        _ => [],
    };

    private IEnumerable<(ProgressKind Kind, string Text)> End(RunEvent.Ended ended)
    {
        var warnings = ended.Warnings ?? RunWarnings.None;
        // The warnings of a sub-agent are among those of the run at the top.
        if (spec.ParentRunId is null)
            foreach (var line in WarningLines(warnings.Items.Select(warning => warning.Message), warnings.Omitted)) yield return (ProgressKind.Notable, line);
        yield return (
            ended.Status == ExecutionStatus.Completed ? ProgressKind.Succeeded : ProgressKind.Failed,
            $"{graph.Graph.Name}: {ended.Status.Name()}{WithWarnings(warnings.Count)}{(ended.Error is { } error ? ": " + error : "")}");
    }

    /// <summary>One line for each listed warning, and one for the number of the others.</summary>
    /// <param name="messages">The listed warnings in words.</param>
    /// <param name="omitted">How many more there are.</param>
    public static IEnumerable<string> WarningLines(IEnumerable<string> messages, int omitted)
    {
        foreach (var message in messages) yield return "warning: " + message;
        if (omitted > 0) yield return $"warning: {omitted} more are not listed";
    }

    /// <summary>The suffix of the status of a run with warnings, such as <c> with 2 warnings</c>; empty for one without.</summary>
    /// <param name="count">How many warnings, listed or not.</param>
    public static string WithWarnings(int count) => count switch
    {
        0 => "",
        1 => " with 1 warning",
        _ => $" with {count} warnings",
    };

    private string Title(Guid nodeExecutionId) => _titles.GetValueOrDefault(nodeExecutionId, nodeExecutionId.ToString());

    private static string Seconds(double seconds) => seconds < 1 ? $"{seconds * 1000:0} ms" : $"{seconds:0.0} s";

    private static string Preview(JsonElement value)
    {
        var text = JsonValues.Compact(value);
        if (text.Length <= PreviewLength) return text;
        var (characters, end) = (0, 0);
        foreach (var character in text.EnumerateRunes())
        {
            if (characters++ < PreviewLength) end += character.Utf16SequenceLength;
        }

        return characters <= PreviewLength ? text : $"{text[..end]}... ({characters} characters)";
    }
}
