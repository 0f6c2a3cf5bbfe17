using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Grainflow.Storage.Execution;

/// <summary>
/// The ends of those logs that somebody in this process follows, as far as they are written in this process: whoever watches a run
/// beside its writer need not ask the database for what was handed to it a moment ago.
/// </summary>
public sealed class LogTails
{
    private readonly ConcurrentDictionary<Guid, ImmutableArray<LogTail>> _tails = new();

    /// <summary>Begins to keep what is appended to a run, until the tail is disposed.</summary>
    /// <param name="runId">The run.</param>
    public LogTail Follow(Guid runId)
    {
        var tail = new LogTail(this, runId);
        _tails.AddOrUpdate(runId, static (_, added) => [added], static (_, tails, added) => tails.Add(added), tail);
        return tail;
    }

    /// <summary>Takes what has become durable. Called in the order of the log, and before anybody else hears of it.</summary>
    internal void Committed(RunCommit commit)
    {
        if (!_tails.TryGetValue(commit.RunId, out var tails)) return;
        foreach (var tail in tails) tail.Add(commit);
    }

    internal void Leave(LogTail tail)
    {
        while (_tails.TryGetValue(tail.RunId, out var tails))
        {
            var rest = tails.Remove(tail);
            if (rest.IsEmpty ? _tails.TryRemove(KeyValuePair.Create(tail.RunId, tails)) : _tails.TryUpdate(tail.RunId, rest, tails)) return;
        }
    }
}
