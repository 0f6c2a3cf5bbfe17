using Grainflow.Storage.Billing;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests.Support;

/// <summary>What goes wrong between the grains and their stores, and how often the stores were asked. Outlives the silos of its test.</summary>
internal sealed class Faults
{
    private int _ledgerTransactions;

    /// <summary>Stands in front of each append; gets the commit and the append itself.</summary>
    public Func<RunCommit, Func<Task<CommitResult>>, Task<CommitResult>>? OnAppend { get; set; }

    /// <summary>Stands in front of each ledger transaction.</summary>
    public Func<Func<Task<IReadOnlyList<IReadOnlyList<LedgerResult>>>>, Task<IReadOnlyList<IReadOnlyList<LedgerResult>>>>? OnLedger { get; set; }

    /// <summary>Stands between the ledger and whoever asks for a balance, which is read already.</summary>
    public Func<Wallet, Task>? OnBalance { get; set; }

    /// <summary>Runs before a run is created, after all that its grain reads.</summary>
    public Func<NewRun, Task>? OnCreating { get; set; }

    /// <summary>Runs before the log of a run is read, after its epoch was raised.</summary>
    public Action<Guid>? OnReading { get; set; }

    /// <summary>Runs after a run was created.</summary>
    public Func<NewRun, Task>? OnCreated { get; set; }

    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, int> _writes = new();

    /// <summary>In how many statements commits of a run were written.</summary>
    public int WritesOf(Guid runId) => _writes.GetValueOrDefault(runId);

    /// <summary>Counts a statement for each run in it.</summary>
    public void Written(LogBatch batch)
    {
        foreach (var runId in batch.Commits.Select(commit => commit.RunId).Distinct()) _writes.AddOrUpdate(runId, 1, (_, count) => count + 1);
    }

    public int LedgerTransactions => _ledgerTransactions;

    /// <summary>Does something else in place of the first append for which the condition holds.</summary>
    public void OnFirstAppend(Func<RunCommit, bool> condition, Func<Func<Task<CommitResult>>, Task<CommitResult>> instead)
    {
        var times = 0;
        OnAppend = (commit, append) => condition(commit) && Interlocked.Increment(ref times) == 1 ? instead(append) : append();
    }

    public Task<IReadOnlyList<IReadOnlyList<LedgerResult>>> ApplyAsync(Func<Task<IReadOnlyList<IReadOnlyList<LedgerResult>>>> apply)
    {
        Interlocked.Increment(ref _ledgerTransactions);
        return OnLedger is { } fault ? fault(apply) : apply();
    }

    public async Task<Wallet> BalanceAsync(Task<Wallet> reading)
    {
        var wallet = await reading;
        if (OnBalance is { } fault) await fault(wallet);
        return wallet;
    }

    public Task CreatingAsync(NewRun run) => OnCreating is { } fault ? fault(run) : Task.CompletedTask;

    public Task CreatedAsync(NewRun run) => OnCreated is { } fault ? fault(run) : Task.CompletedTask;
}
