namespace Grainflow.Storage.Execution;

/// <summary>A commit on its way through the writer.</summary>
/// <param name="commit">The commit.</param>
/// <param name="size">What it adds to a statement (<see cref="SizeOf"/>).</param>
/// <param name="heldUntil">Until when it may be held back, as a timestamp of the system's clock; 0 when it may not.</param>
/// <param name="cancellationToken">Gives up waiting.</param>
internal sealed class LogRequest(RunCommit commit, long size, long heldUntil, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<CommitResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _mayBeWritten;

    public RunCommit Commit { get; } = commit;

    /// <summary>Until when it may be held back, as a timestamp of the system's clock; 0 when it may not.</summary>
    public long HeldUntil { get; } = heldUntil;

    public Task<CommitResult> Answer => _answer.Task;

    public bool IsAnswered => _answer.Task.IsCompleted;

    /// <summary>True after a lost answer until the head of the run has been read.</summary>
    public bool IsUnresolved { get; private set; }

    public long Size { get; } = size;

    /// <summary>What a commit adds to a statement, in bytes of JSON.</summary>
    public static long SizeOf(RunCommit commit) =>
        (commit.Stats?.Length ?? 0)
        + commit.Events.Sum(logged => (long)logged.Body.Length + (logged.Output?.Value.Length ?? 0))
        + commit.Nodes.Sum(node => (long)(node.Input?.Length ?? 0) + (node.Stats?.Length ?? 0));

    public void Complete(CommitResult result) => _answer.TrySetResult(result);

    public void Fail(Exception error) => _answer.TrySetException(error);

    public void Cancel() => _answer.TrySetCanceled(cancellationToken);

    /// <summary>Records that the connection broke while the commit was being written.</summary>
    public void AnswerLost()
    {
        _mayBeWritten = true;
        IsUnresolved = true;
    }

    /// <summary>
    /// The head shows that it was not written, so it may be sent again. It still may turn out to be written: the server may have been
    /// about to do it when the head was read. The compare-and-swap lets only one of the two attempts win.
    /// </summary>
    public void ProvedUnwritten() => IsUnresolved = false;

    /// <summary>True when the head shows this commit in the log.</summary>
    public bool IsWritten(RunHead? head) =>
        _mayBeWritten && head is not null && head.Epoch == Commit.Epoch && head.LastSequence >= Commit.ExpectedSequence + Commit.Events.Count;
}
