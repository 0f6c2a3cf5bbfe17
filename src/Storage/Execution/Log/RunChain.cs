using Grainflow.Engine.Execution;

namespace Grainflow.Storage.Execution;

/// <summary>Commits of one run that follow each other. They are compared with the head once, so all of them are written or none.</summary>
internal sealed class RunChain(RunCommit first)
{
    private readonly List<RunCommit> _commits = [first];

    public IReadOnlyList<RunCommit> Commits => _commits;

    public Guid RunId => first.RunId;

    public string UserId => first.UserId;

    public long Epoch => first.Epoch;

    public long ExpectedSequence => first.ExpectedSequence;

    public long LastSequence => _commits[^1].ExpectedSequence + _commits[^1].Events.Count;

    /// <summary>Adds a commit that begins where the chain ends. False when it does not, or when the chain has closed its run.</summary>
    public bool TryAdd(RunCommit commit)
    {
        if (commit.Epoch != Epoch || commit.ExpectedSequence != LastSequence) return false;
        if (_commits[^1].Run is { } change && ExecutionStatuses.FinalNames.Contains(change.Status)) return false;
        _commits.Add(commit);
        return true;
    }

    /// <summary>The changes of the run combined: the last status, and for every other member the last value that is set. Null when the run does not change.</summary>
    public RunChange? Change() => _commits.Select(commit => commit.Run).OfType<RunChange>().Aggregate(
        (RunChange?)null,
        (before, change) => before is null
            ? change
            : change with
            {
                QueuedAt = change.QueuedAt ?? before.QueuedAt,
                StartedAt = change.StartedAt ?? before.StartedAt,
                EndedAt = change.EndedAt ?? before.EndedAt,
                Error = change.Error ?? before.Error,
            });

    /// <summary>The last statistics in the chain, or null.</summary>
    public ReadOnlyMemory<byte>? Stats() => _commits.FindLast(commit => commit.Stats is not null)?.Stats;
}
