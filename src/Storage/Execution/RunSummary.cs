namespace Grainflow.Storage.Execution;

/// <summary>What is needed to find a run again and to wake it.</summary>
/// <param name="Id">The run.</param>
/// <param name="UserId">Who runs it.</param>
/// <param name="GraphId">The graph.</param>
/// <param name="GraphVersion">The version of the graph.</param>
/// <param name="Status">Its status.</param>
/// <param name="ParentRunId">The run whose node started this one, or null.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record RunSummary(Guid Id, string UserId, Guid GraphId, int GraphVersion, string Status, Guid? ParentRunId, DateTimeOffset CreatedAt);
