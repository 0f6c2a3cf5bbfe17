using Orleans.Concurrency;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>One run; the key is its id. It plans the run, dispatches its nodes, records their reports, and ends or stops it.</summary>
[Alias("grainflow.IGraphExecutionGrain")]
public interface IGraphExecutionGrain : IGrainWithGuidKey
{
    /// <summary>
    /// Accepts the run: plans it, stores it, and puts it in its user's queue. The run is durable when this answers. A repeated call changes nothing.
    /// </summary>
    /// <param name="command">The graph and its inputs.</param>
    [Alias("Start")]
    Task<StartRunResult> Start(StartRun command);

    /// <summary>Begins a queued run. The queue calls it when the limits of the user allow it.</summary>
    [Alias("Admit")]
    Task Admit();

    /// <summary>
    /// Continues the run where its log ends, and looks for what is overdue. The supervisor calls it for runs of dead silos and for those that have not progressed for a while.
    /// </summary>
    [Alias("Resume")]
    Task Resume();

    /// <summary>Records outputs and the end of a node. What is recorded already is ignored, so a node repeats a report until it is answered.</summary>
    /// <param name="report">The report.</param>
    [Alias("Report"), AlwaysInterleave]
    Task<NodeReportAnswer> Report(NodeReportMessage report);

    /// <summary>Stops the run: no further node starts, and running nodes are cancelled. Stopping again, or after the end, changes nothing.</summary>
    /// <param name="userId">Must own the run.</param>
    /// <returns>False when the user has no such run.</returns>
    [Alias("Stop"), AlwaysInterleave]
    Task<bool> Stop(string userId);

    /// <summary>Decides reviews, all or none, and lets the run go on when it waits for no other one. Deciding again in the same way changes nothing.</summary>
    /// <param name="command">The decisions.</param>
    [Alias("Decide")]
    Task<ReviewAnswer> Decide(DecideReviews command);

    /// <summary>The durable state of the run.</summary>
    /// <param name="userId">Must own the run.</param>
    /// <returns>Null when the user has no such run.</returns>
    [Alias("GetState"), AlwaysInterleave]
    Task<RunState?> GetState(string userId);

    /// <summary>The outputs of a sub-agent's run since a position of its log, with its state, for the node that started it.</summary>
    /// <param name="afterSequence">0, or the sequence in the answer to the last call.</param>
    [Alias("ReadProgress"), AlwaysInterleave]
    Task<ChildProgress> ReadProgress(long afterSequence);
}
