using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>Admission of one user's runs, in order and within limits (decision 24); the key is the user id.</summary>
[Alias("grainflow.IExecutionQueueGrain")]
public interface IExecutionQueueGrain : IGrainWithStringKey
{
    /// <summary>Puts a stored run in the queue. It is admitted at once when the limits allow it. A repeated call changes nothing.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="graphId">Its graph.</param>
    [Alias("Submit")]
    Task Submit(Guid runId, Guid graphId);

    /// <summary>Puts several stored runs in the queue, in their order, as <see cref="Submit"/> does with each.</summary>
    /// <param name="queued">The runs.</param>
    [Alias("SubmitAll")]
    Task SubmitAll(ImmutableArray<QueuedRun> queued);

    /// <summary>Removes a run that has ended, so that another may be admitted. A repeated call changes nothing.</summary>
    /// <param name="runId">The run.</param>
    [Alias("Ended")]
    Task Ended(Guid runId);

    /// <summary>Reads the rows of the user's runs, unless that was done a moment ago, and admits what may run. For queued runs that no activation knows.</summary>
    [Alias("Look")]
    Task Look();
}

/// <summary>A stored run that is to be queued.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.QueuedRun")]
public sealed record QueuedRun
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required Guid RunId { get; init; }

    /// <summary>Its graph.</summary>
    [Id(1)]
    public required Guid GraphId { get; init; }

    /// <summary>Whether a trigger of <c>/api/scheduler</c> has started it, whose runs may have limits of their own (decision 24).</summary>
    [Id(2)]
    public bool IsPaced { get; init; }
}
