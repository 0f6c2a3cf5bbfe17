namespace Grainflow.Gateway.Admin;

/// <summary>The state of the platform, over all users and processes.</summary>
internal sealed record AdminOverview
{
    /// <summary>When it was read.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>From when on runs that have ended and credits that were spent are counted: 24 hours before.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The runs by status. A status that no run has is missing.</summary>
    public required IReadOnlyList<RunCount> Runs { get; init; }

    public required QueueState Queue { get; init; }

    public required StuckRuns Stuck { get; init; }

    public required WalletState Wallets { get; init; }

    /// <summary>How many shards the scheduler has.</summary>
    public required int ShardCount { get; init; }

    /// <summary>The shards that have something to do, in order.</summary>
    public required IReadOnlyList<SchedulerShard> Shards { get; init; }
}

/// <summary>How many runs have a status.</summary>
internal sealed record RunCount
{
    public required string Status { get; init; }

    /// <summary>Unfinished runs of any age; of those that have ended the ones that were created in the last 24 hours.</summary>
    public required long Count { get; init; }

    /// <summary>Since when the oldest one waits or runs; null for a final status.</summary>
    public required DateTimeOffset? Oldest { get; init; }
}

/// <summary>The runs that wait for a place.</summary>
internal sealed record QueueState
{
    public required long Waiting { get; init; }

    /// <summary>How long the first of them has waited, in seconds; 0 when none waits.</summary>
    public required double LagSeconds { get; init; }
}

/// <summary>Runs that are under way, wait for no sub-agent, and have logged nothing for longer than a block may run.</summary>
internal sealed record StuckRuns
{
    /// <summary>For how long a run is silent before it counts, in seconds.</summary>
    public required double AfterSeconds { get; init; }

    /// <summary>The longest silent first, at most 50.</summary>
    public required IReadOnlyList<StuckRun> Runs { get; init; }

    /// <summary>True when there are more.</summary>
    public required bool HasMore { get; init; }
}

/// <summary>A run that seems stuck.</summary>
internal sealed record StuckRun
{
    public required string GraphExecId { get; init; }

    public required string GraphId { get; init; }

    public required string UserId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The time of its last event.</summary>
    public required DateTimeOffset SilentSince { get; init; }
}

/// <summary>All wallets together. Amounts are in credits.</summary>
internal sealed record WalletState
{
    public required long Count { get; init; }

    public required long Credits { get; init; }

    /// <summary>How many have nothing.</summary>
    public required long Empty { get; init; }

    /// <summary>What all users have spent in the last 24 hours.</summary>
    public required long Spent { get; init; }

    /// <summary>The users who have spent most in the last 24 hours, at most 10.</summary>
    public required IReadOnlyList<Spender> Spenders { get; init; }
}

/// <summary>A user who spends, in credits.</summary>
internal sealed record Spender
{
    public required string UserId { get; init; }

    public required string? UserEmail { get; init; }

    public required long Spent { get; init; }

    public required long Balance { get; init; }
}

/// <summary>What a shard of the scheduler has to do.</summary>
internal sealed record SchedulerShard
{
    public required int Shard { get; init; }

    /// <summary>Schedules that are due some time.</summary>
    public required long Schedules { get; init; }

    /// <summary>Of these, those that have been due for more than a minute.</summary>
    public required long Late { get; init; }

    /// <summary>Starts of runs that wait.</summary>
    public required long Starts { get; init; }

    /// <summary>When the first of all these is due.</summary>
    public required DateTimeOffset NextAt { get; init; }
}
