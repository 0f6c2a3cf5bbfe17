using System.Text.Json.Nodes;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Monitoring;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Storage.Monitoring;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Monitoring;

/// <summary>Reports executions that did not start or do not end (contract: semantics 9.1).</summary>
internal sealed class LateExecutionsTask(IMonitoringQueries queries, IOptions<SystemTaskOptions> options) : ISystemTask
{
    public string Name => SystemTaskNames.LateExecutions;

    public TimeSpan? Interval => Threshold;

    private TimeSpan Threshold => TimeSpan.FromSeconds(options.Value.LateThresholdSeconds);

    public async Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var late = await queries.FindLateAsync(LateExecutions.UnstartedBefore(now, Threshold), LateExecutions.StuckBefore(now), cancellationToken);
        var report = LateExecutions.Report(late, Threshold);
        return new SystemTaskOutcome(JsonValue.Create(report.Text), report.Alert is { } alert ? [alert] : []) { Late = report.New };
    }
}

/// <summary>Reports blocks that fail often (contract: semantics 9.2).</summary>
internal sealed class BlockErrorRatesTask(IMonitoringQueries queries, IBlockCatalogue catalogue, IOptions<SystemTaskOptions> options) : ISystemTask
{
    public string Name => SystemTaskNames.BlockErrorRates;

    public TimeSpan? Interval => TimeSpan.FromSeconds(options.Value.BlockErrorRateSeconds);

    public async Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - BlockErrorRates.Window;
        var rows = await queries.CountBlocksAsync(since, now, cancellationToken);
        var names = rows.ToDictionary(row => row.BlockId, row => catalogue.Find(row.BlockId)?.Name ?? row.BlockId, StringComparer.Ordinal);
        var counts = BlockErrorRates.ByName(rows.Select(row => new BlockErrorCount(names[row.BlockId], row.Total, row.Failed)));
        var threshold = options.Value.BlockErrorRateThreshold;
        var selection = BlockErrorRates.Select(counts, threshold, options.Value.TopBlocks);
        var shown = selection.Blocks.Select(block => block.Block).ToHashSet(StringComparer.Ordinal);
        var ids = names.Where(name => shown.Contains(name.Value)).Select(name => name.Key).ToList();
        var errors = ids.Count == 0 ? [] : await queries.ReadErrorsAsync(ids, since, now, cancellationToken);
        var alert = BlockErrorRates.Report(selection, errors.ToLookup(error => names[error.BlockId], error => error.Error, StringComparer.Ordinal), threshold);
        return new SystemTaskOutcome(JsonValue.Create(alert.Message), [alert]);
    }

    public Alert AlertOf(string error) => BlockErrorRates.Failure(error);
}

/// <summary>A graph that is published in the marketplace.</summary>
/// <param name="Id">The graph.</param>
/// <param name="Name">Its name there.</param>
internal sealed record MarketplaceGraph(Guid Id, string Name);

/// <summary>The graphs of the marketplace. Nothing registers it before the marketplace is built.</summary>
internal interface IMarketplaceGraphs
{
    /// <summary>All published graphs.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<MarketplaceGraph>> ListAsync(CancellationToken cancellationToken);
}

/// <summary>Reports agents of the marketplace that have become less accurate (contract: semantics 9.3).</summary>
/// <param name="queries">Reads the scores.</param>
/// <param name="marketplaces">The marketplace, or none.</param>
/// <param name="options">The interval.</param>
internal sealed class ExecutionAccuracyTask(IMonitoringQueries queries, IEnumerable<IMarketplaceGraphs> marketplaces, IOptions<SystemTaskOptions> options) : ISystemTask
{
    /// <summary>How many graphs are read with one statement.</summary>
    private const int Page = 200;

    public string Name => SystemTaskNames.ExecutionAccuracy;

    public TimeSpan? Interval => TimeSpan.FromHours(options.Value.AccuracyHours);

    public async Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var graphs = new List<MarketplaceGraph>();
        foreach (var marketplace in marketplaces) graphs.AddRange(await marketplace.ListAsync(cancellationToken));
        if (graphs.Count == 0) return SystemTaskOutcome.Text("No marketplace graphs: nothing was checked.");

        var alerts = new List<Alert>();
        var @checked = 0;
        foreach (var page in graphs.Chunk(Page))
        {
            var days = await queries.ReadAccuracyAsync([.. page.Select(graph => graph.Id)], ExecutionAccuracy.Since(now), cancellationToken);
            foreach (var graph in page)
            {
                if (ExecutionAccuracy.Trend([.. days[graph.Id]], now) is not { } trend) continue;
                @checked++;
                if (ExecutionAccuracy.Report(graph.Id, graph.Name, trend) is { } alert) alerts.Add(alert);
            }
        }

        return new SystemTaskOutcome(JsonValue.Create($"{@checked} of {graphs.Count} marketplace graphs had enough executions; {alerts.Count} have become less accurate."), alerts);
    }
}
