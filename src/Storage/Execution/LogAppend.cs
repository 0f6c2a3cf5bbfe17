namespace Grainflow.Storage.Execution;

/// <summary>A commit on its way to the database.</summary>
/// <param name="IsFree">
/// True when it can only become durable if none of its dispatches owes the every-100th fee, so that who asked to run ahead
/// (<see cref="RunCommit.RunsAhead"/>) may. Known at once.
/// </param>
/// <param name="Committed">What becomes of it.</param>
public readonly record struct LogAppend(bool IsFree, Task<CommitResult> Committed);
