namespace Grainflow.Storage.Execution;

/// <summary>A page of a listing.</summary>
/// <param name="Rows">The runs of the page.</param>
/// <param name="Total">How many there are on all pages.</param>
public sealed record ExecutionPage(IReadOnlyList<ExecutionRow> Rows, long Total);
