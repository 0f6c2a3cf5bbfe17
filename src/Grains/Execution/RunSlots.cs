namespace Grainflow.Grains.Execution;

/// <summary>
/// The places of this silo for runs that are under way (decision 31). Runs for which there is none wait by user, and free places are given to the waiting users
/// in turn, so that no user waits for more than one run of each other user. Runs of sub-agents need no place: their parent has one, and would wait for ever
/// for a child that got none. All is in memory: a run that waits is QUEUED in its row, and is submitted again when its silo has died.
/// </summary>
/// <param name="count">How many places there are.</param>
/// <param name="isClosed">While it returns true, no place is given away; a silo that drains admits no run.</param>
/// <param name="admit">
/// Asks a run that waited to take the place that is kept for it. When the run has not taken it on this silo by the time the task completes, the next one gets it.
/// </param>
internal sealed class RunSlots(int count, Func<bool> isClosed, Func<Guid, Task> admit)
{
    private readonly Lock _gate = new();

    /// <summary>The runs that have a place, each with its activation; null while the place is kept for a run that is asked to take it.</summary>
    private readonly Dictionary<Guid, object?> _taken = [];

    private readonly HashSet<Guid> _waiting = [];

    /// <summary>The order of the waiting runs. Those that are no longer in <see cref="_waiting"/> are skipped.</summary>
    private readonly UserTurns<Guid> _turns = new();

    /// <summary>How many places there are.</summary>
    public int Count => count;

    /// <summary>How many places are taken. More than <see cref="Count"/> after runs that were under way came here from another silo.</summary>
    public int Taken
    {
        get
        {
            lock (_gate) return _taken.Count;
        }
    }

    /// <summary>How many runs wait for a place.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>How many places no run has or waits for. Negative when more runs wait than there are places.</summary>
    public int Free
    {
        get
        {
            lock (_gate) return count - _taken.Count - _waiting.Count;
        }
    }

    /// <summary>Takes a place for a run that is to begin. Without a free one the run waits, and is asked to take one in its turn.</summary>
    /// <param name="run">The run.</param>
    /// <param name="user">Its user.</param>
    /// <param name="activation">The activation of the run, which gives the place back.</param>
    /// <returns>True when the run has a place now, also when it had one before.</returns>
    public bool TryTake(Guid run, string user, object activation)
    {
        lock (_gate)
        {
            if (_taken.ContainsKey(run) || (!isClosed() && _taken.Count < count && _waiting.Count == 0))
            {
                _taken[run] = activation;
                return true;
            }

            if (_waiting.Add(run)) _turns.Enqueue(user, run);
        }

        GiveFreePlaces();
        return false;
    }

    /// <summary>Takes a place for a run that is under way already, whether one is free or not.</summary>
    /// <param name="run">The run.</param>
    /// <param name="activation">The activation of the run, which gives the place back.</param>
    public void Take(Guid run, object activation)
    {
        lock (_gate)
        {
            _waiting.Remove(run);
            _taken[run] = activation;
        }
    }

    /// <summary>Gives the place of a run back, if this activation of the run has it. A later activation of the same run keeps its own.</summary>
    /// <param name="run">The run.</param>
    /// <param name="activation">The activation that ends, or whose run has ended.</param>
    public void Release(Guid run, object activation)
    {
        lock (_gate)
        {
            if (!_taken.TryGetValue(run, out var taker) || !ReferenceEquals(taker, activation)) return;
            _taken.Remove(run);
        }

        GiveFreePlaces();
    }

    /// <summary>Removes a run that has ended from those that wait.</summary>
    public void RemoveWaiting(Guid run)
    {
        lock (_gate) _waiting.Remove(run);
    }

    private void GiveFreePlaces()
    {
        while (TryKeepPlace(out var run))
        {
            // On the thread pool: the caller may be a turn of another activation, which must not wait for this run, nor take the rest of the task with it when it ends.
            using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => AdmitAsync(run));
        }
    }

    private bool TryKeepPlace(out Guid run)
    {
        lock (_gate)
        {
            run = default;
            if (isClosed() || _taken.Count >= count) return false;
            if (!_turns.TryDequeue(_waiting.Remove, out run)) return false;
            _taken.Add(run, null);
            return true;
        }
    }

    private async Task AdmitAsync(Guid run)
    {
        try
        {
            await admit(run);
        }
        finally
        {
            lock (_gate)
            {
                if (_taken.TryGetValue(run, out var taker) && taker is null) _taken.Remove(run);
            }

            GiveFreePlaces();
        }
    }
}
