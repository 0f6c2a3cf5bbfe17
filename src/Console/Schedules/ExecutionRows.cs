using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Schedules;
using Grainflow.WebConsole.Layout;

namespace Grainflow.WebConsole.Schedules;

/// <summary>What the executions of a schedule or of an agent have in common.</summary>
/// <param name="Total">How many there are.</param>
/// <param name="Successful">How many of them have completed.</param>
/// <param name="Ended">How many of them have ended.</param>
/// <param name="Cost">What they cost together, in credits.</param>
/// <param name="AverageMilliseconds">How long those that have ended took on average; null for none.</param>
internal sealed record ExecutionRows(int Total, int Successful, int Ended, long Cost, double? AverageMilliseconds)
{
    private const string Succeeded = "succeeded";
    private const string Failed = "failed";

    /// <summary>Percent of those that have ended; null for none.</summary>
    public double? SuccessRate => Ended == 0 ? null : Math.Round(100.0 * Successful / Ended, 1);

    /// <summary>Counts runs.</summary>
    public static ExecutionRows Of(IReadOnlyCollection<GraphExecutionMeta> runs)
    {
        var durations = runs.Select(Duration).OfType<double>().ToList();
        return new ExecutionRows(
            runs.Count,
            runs.Count(run => run.Status == AgentExecutionStatus.COMPLETED),
            runs.Count(HasEnded),
            runs.Sum(run => run.Stats?.Cost ?? 0),
            durations.Count == 0 ? null : durations.Average());
    }

    /// <summary>Whether a run has ended.</summary>
    public static bool HasEnded(GraphExecutionMeta run) => run.Status is AgentExecutionStatus.COMPLETED or AgentExecutionStatus.FAILED or AgentExecutionStatus.TERMINATED;

    /// <summary>How long a run took, in milliseconds from its start to its end; null for one that has not ended.</summary>
    public static double? Duration(GraphExecutionMeta run) => HasEnded(run) && run is { StartedAt: { } start, EndedAt: { } end } ? (end - start).TotalMilliseconds : null;

    /// <summary>The durations of a history, as points of a plot.</summary>
    public static IReadOnlyList<PlotSeries> Durations(IEnumerable<ScheduleExecution> rows)
    {
        var ended = rows.Where(row => row.DurationMs is not null).Select(row => (row.Status, Point: new PlotPoint(row.StartedAt ?? row.ScheduledAt, row.DurationMs!.Value, row.Error))).ToList();
        return Series(ended.Where(row => row.Status == "success").Select(row => row.Point), ended.Where(row => row.Status != "success").Select(row => row.Point));
    }

    /// <summary>The durations of runs, as points of a plot.</summary>
    public static IReadOnlyList<PlotSeries> Durations(IEnumerable<GraphExecutionMeta> runs)
    {
        var ended = runs.Where(run => Duration(run) is not null).Select(run => (run.Status, Point: new PlotPoint(run.StartedAt!.Value, Duration(run)!.Value, run.Stats?.Error))).ToList();
        return Series(ended.Where(row => row.Status == AgentExecutionStatus.COMPLETED).Select(row => row.Point), ended.Where(row => row.Status != AgentExecutionStatus.COMPLETED).Select(row => row.Point));
    }

    private static IReadOnlyList<PlotSeries> Series(IEnumerable<PlotPoint> good, IEnumerable<PlotPoint> bad) => [new(Succeeded, [.. good]), new(Failed, [.. bad], IsJoined: false)];
}
