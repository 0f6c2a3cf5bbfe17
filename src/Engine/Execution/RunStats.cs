namespace Grainflow.Engine.Execution;

/// <summary>The statistics of a run so far, with the names of the API (contract: semantics 2.11).</summary>
public sealed record RunStats
{
    /// <summary>The credits charged, including those of sub-agents.</summary>
    public long Cost { get; init; }

    /// <summary>Seconds from the start to the end of the run.</summary>
    public double Duration { get; init; }

    /// <summary>Seconds of processor time of all node executions.</summary>
    public double DurationCpuOnly { get; init; }

    /// <summary>The sum of the seconds that node executions took.</summary>
    public double NodeExecTime { get; init; }

    /// <summary>The same as <see cref="DurationCpuOnly"/>.</summary>
    public double NodeExecTimeCpuOnly { get; init; }

    /// <summary>The number of node executions that ended, including those of sub-agents.</summary>
    public int NodeExecCount { get; init; }

    /// <summary>The number of node executions that failed.</summary>
    public int NodeErrorCount { get; init; }

    /// <summary>Why the run had to fail, one of <see cref="RunFailures"/>; null for any other reason, and for a run that did not fail (contract: <c>upstream.md</c>).</summary>
    public string? FailureReason { get; init; }
}

/// <summary>The reasons of failed runs that programs read.</summary>
public static class RunFailures
{
    /// <summary>The balance of the user was too small.</summary>
    public const string InsufficientBalance = "insufficient_balance";

    /// <summary>What was left of the budget of the run was too small. An addition to the contract.</summary>
    public const string BudgetExceeded = "budget_exceeded";
}
