using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests.Support;

/// <summary>The rows of runs behind the test's faults.</summary>
internal sealed class FaultyRuns(RunStore runs, Faults faults, SiloLine line) : IRunStore
{
    public async Task<RunCreation> CreateAsync(NewRun run, IReadOnlyList<NodeRow> nodes, CancellationToken cancellationToken)
    {
        line.Check();
        await faults.CreatingAsync(run);
        var created = await runs.CreateAsync(run, nodes, cancellationToken);
        await faults.CreatedAsync(run);
        return created;
    }

    public async Task<IReadOnlyDictionary<Guid, RunCreation>> CreateManyAsync(IReadOnlyList<PlannedRun> planned, CancellationToken cancellationToken)
    {
        line.Check();
        foreach (var (run, _) in planned) await faults.CreatingAsync(run);
        var created = await runs.CreateManyAsync(planned, cancellationToken);
        foreach (var (run, _) in planned) await faults.CreatedAsync(run);
        return created;
    }

    public Task<RunRow?> FindAsync(Guid runId, CancellationToken cancellationToken) => runs.FindAsync(runId, cancellationToken);

    public Task<RunRow?> FindByRequestKeyAsync(string userId, string requestKey, CancellationToken cancellationToken) =>
        runs.FindByRequestKeyAsync(userId, requestKey, cancellationToken);

    public Task<IReadOnlyList<RunSummary>> UnfinishedAsync(CancellationToken cancellationToken) => runs.UnfinishedAsync(cancellationToken);

    public Task<IReadOnlyList<RunSummary>> ActiveOfUserAsync(string userId, CancellationToken cancellationToken) =>
        runs.ActiveOfUserAsync(userId, cancellationToken);

    public Task<IReadOnlyList<Guid>> UnfinishedOfGraphAsync(string userId, Guid graphId, CancellationToken cancellationToken) =>
        runs.UnfinishedOfGraphAsync(userId, graphId, cancellationToken);

    public Task<IReadOnlyList<NodeExecutionRecord>> NodeExecutionsAsync(Guid runId, int limit, CancellationToken cancellationToken) =>
        runs.NodeExecutionsAsync(runId, limit, cancellationToken);

    public Task<IReadOnlyList<NodeOutputRow>> OutputsAsync(Guid runId, IReadOnlyList<string>? blockIds, CancellationToken cancellationToken) =>
        runs.OutputsAsync(runId, blockIds, cancellationToken);

    public Task<bool> DeleteAsync(Guid runId, string userId, CancellationToken cancellationToken)
    {
        line.Check();
        return runs.DeleteAsync(runId, userId, cancellationToken);
    }
}
