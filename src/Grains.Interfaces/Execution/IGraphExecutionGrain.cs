using Orleans.Concurrency;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>One run; the key is its id. Plans, dispatches nodes, records what they report, ends, stops.</summary>
[Alias("grainflow.IGraphExecutionGrain")]
public interface IGraphExecutionGrain : IGrainWithGuidKey
{
    /// <summary>
    /// Accepts the run: plans it, stores it, and puts it in its user's queue. Once this answers, the run is never lost.
    /// Starting the same run again changes nothing.
    /// </summary>
    /// <param name="command">What to run.</param>
    [Alias("Start")]
    Task<StartRunResult> Start(StartRun command);

    /// <summary>Begins the run: called by the queue when there is room.</summary>
    [Alias("Admit")]
    Task Admit();

    /// <summary>Goes on where the log ends: called at start of a silo for runs that a dead one left.</summary>
    [Alias("Resume")]
    Task Resume();

    /// <summary>Takes outputs and the end of a node. Repeats are dropped, so a node reports until it is answered.</summary>
    /// <param name="report">What the node says.</param>
    [Alias("Report"), AlwaysInterleave]
    Task<NodeReportAnswer> Report(NodeReportMessage report);

    /// <summary>Stops the run: nothing new starts, what runs is cancelled. Stopping twice, or too late, changes nothing.</summary>
    /// <param name="userId">Must own the run.</param>
    /// <returns>False when the user has no such run.</returns>
    [Alias("Stop"), AlwaysInterleave]
    Task<bool> Stop(string userId);

    /// <summary>The committed state.</summary>
    /// <param name="userId">Must own the run.</param>
    /// <returns>Null when the user has no such run.</returns>
    [Alias("GetState"), AlwaysInterleave]
    Task<RunState?> GetState(string userId);

    /// <summary>What a sub-agent's run has given since a point of its log, for the node that started it.</summary>
    /// <param name="afterSequence">0, or what the last call answered.</param>
    [Alias("ReadProgress"), AlwaysInterleave]
    Task<ChildProgress> ReadProgress(long afterSequence);
}
