namespace Grainflow.Storage.Execution;

/// <summary>The requests that wait, in the order of their calls. Not thread-safe: only the loop of the writer uses it.</summary>
internal sealed class LogBacklog(int maxCommits, int maxBytes)
{
    private List<LogRequest> _waiting = [];

    public int Count => _waiting.Count;

    public void Add(LogRequest request) => _waiting.Add(request);

    public void PutBack(List<LogRequest> requests) => _waiting.InsertRange(0, requests);

    /// <summary>Requests whose answer was lost and whose head has not been read since.</summary>
    public List<LogRequest> Unresolved() => _waiting.FindAll(request => request.IsUnresolved);

    public void FailAll(Exception error)
    {
        foreach (var request in _waiting)
            request.Fail(error);
        _waiting.Clear();
    }

    /// <summary>The timestamp until which all requests may be held back; null when one of them has to be written now.</summary>
    /// <param name="now">A timestamp of the system's clock.</param>
    public long? HeldUntil(long now)
    {
        var until = long.MaxValue;
        foreach (var request in _waiting)
        {
            if (request.HeldUntil <= now) return null;
            until = Math.Min(until, request.HeldUntil);
        }

        return until == long.MaxValue ? null : until;
    }

    /// <summary>
    /// Removes and returns the next batch. Commits of one run are in one batch only when they follow each other; from the first that does not,
    /// the run waits for the next batch, so that the order of its commits is kept. A run whose commits may all be held back waits, too.
    /// </summary>
    /// <param name="now">A timestamp of the system's clock.</param>
    public List<LogRequest> Take(long now)
    {
        var held = _waiting.Exists(request => request.HeldUntil > now)
            ? _waiting.GroupBy(request => request.Commit.RunId).Where(run => run.All(request => request.HeldUntil > now)).Select(run => run.Key).ToHashSet()
            : [];
        var batch = new List<LogRequest>();
        var rest = new List<LogRequest>();
        var chains = new Dictionary<Guid, RunChain?>();
        long bytes = 0;
        var full = false;
        foreach (var request in _waiting)
        {
            if (request.IsAnswered) continue;
            full = full || batch.Count >= maxCommits || (batch.Count > 0 && bytes + request.Size > maxBytes);
            if (full || held.Contains(request.Commit.RunId) || !Fits(chains, request.Commit))
            {
                rest.Add(request);
                continue;
            }

            batch.Add(request);
            bytes += request.Size;
        }

        _waiting = rest;
        return batch;
    }

    private static bool Fits(Dictionary<Guid, RunChain?> chains, RunCommit commit)
    {
        if (!chains.TryGetValue(commit.RunId, out var chain))
        {
            chains.Add(commit.RunId, new RunChain(commit));
            return true;
        }

        if (chain is not null && chain.TryAdd(commit)) return true;
        chains[commit.RunId] = null;
        return false;
    }
}
