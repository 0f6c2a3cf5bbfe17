using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Grainflow.Engine.Monitoring;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Monitoring;
using Grainflow.Storage.Monitoring;
using Grainflow.Storage.Notifications;

namespace Grainflow.Grains.Tests.Support;

/// <summary>A system task that does what a test says, and the expired files of the test. Outlives the silos of its test.</summary>
internal sealed class TestTask : ISystemTask, IExpiredFiles
{
    /// <summary>Its name.</summary>
    public const string Key = "test_task";

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _signals = new(StringComparer.Ordinal);
    private int _runs;

    public string Name => Key;

    public TimeSpan? Interval { get; set; } = TimeSpan.FromHours(6);

    public bool RunsAtStart { get; set; }

    /// <summary>How often it was run.</summary>
    public int Runs => _runs;

    /// <summary>What it does; gets the number of the run.</summary>
    public Func<int, CancellationToken, Task<SystemTaskOutcome>> Work { get; set; } = (run, _) => Task.FromResult(new SystemTaskOutcome(JsonValue.Create(run), []));

    /// <summary>How many files there are to delete.</summary>
    public int Files { get; set; }

    /// <summary>Stands in front of each end of a run of a task.</summary>
    public Func<Task>? OnEnd { get; set; }

    public Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var run = Interlocked.Increment(ref _runs);
        Of("begun").Release();
        return Work(run, cancellationToken);
    }

    public Alert? AlertOf(string error) => new("TEST", AlertChannels.Platform, "The test task has failed.", error, []);

    public Task<int> DeleteAsync(CancellationToken cancellationToken) => Task.FromResult(Files);

    /// <summary>Waits until a run has begun that was not waited for.</summary>
    public async Task BegunAsync() => Assert.True(await Of("begun").WaitAsync(GrainCluster.Patience));

    /// <summary>Waits until a run of a task has ended that was not waited for, and the grain knows it.</summary>
    public async Task<SystemTaskStatus> EndOfAsync(ISystemTaskGrain grain)
    {
        Assert.True(await Of(grain.GetPrimaryKeyString()).WaitAsync(GrainCluster.Patience));
        using var limit = new CancellationTokenSource(GrainCluster.Patience);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            if (await grain.GetStatus() is { Host: null } status) return status;
        }
    }

    /// <summary>Notes the end of a run.</summary>
    public void Ended(string name) => Of(name).Release();

    private SemaphoreSlim Of(string name) => _signals.GetOrAdd(name, _ => new SemaphoreSlim(0));
}

/// <summary>The state of the system tasks as one silo reaches it.</summary>
internal sealed class WatchedTasks(SystemTaskStore store, TestTask tasks, SiloLine line) : ISystemTaskStore
{
    public Task<SystemTaskRow> EnsureAsync(string name, TimeSpan? interval, bool isDueNow, DateTimeOffset now, CancellationToken cancellationToken)
    {
        line.Check();
        return store.EnsureAsync(name, interval, isDueNow, now, cancellationToken);
    }

    public Task<bool> ClaimAsync(SystemTaskRow row, SystemTaskClaim claim, CancellationToken cancellationToken)
    {
        line.Check();
        return store.ClaimAsync(row, claim, cancellationToken);
    }

    public async Task<IReadOnlyList<NotificationEvent>?> EndAsync(string name, Guid claimId, SystemTaskEnd end, CancellationToken cancellationToken)
    {
        if (tasks.OnEnd is { } fault) await fault();
        line.Check();
        var written = await store.EndAsync(name, claimId, end, cancellationToken);
        tasks.Ended(name);
        return written;
    }
}
