namespace Grainflow.Grains.Interfaces.Execution;

/// <summary>Admission of one user's runs, in order and within limits (decision 24); the key is the user id.</summary>
[Alias("grainflow.IExecutionQueueGrain")]
public interface IExecutionQueueGrain : IGrainWithStringKey
{
    /// <summary>Puts a stored run in the queue; it is admitted at once when there is room. Repeats change nothing.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="graphId">Its graph.</param>
    [Alias("Submit")]
    Task Submit(Guid runId, Guid graphId);

    /// <summary>A run has ended and leaves room. Repeats change nothing.</summary>
    /// <param name="runId">The run.</param>
    [Alias("Ended")]
    Task Ended(Guid runId);
}
