using System.Text.Json.Nodes;
using Grainflow.Engine.Monitoring;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.Grains.Monitoring;
using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Billing;

namespace Grainflow.Grains.Billing;

/// <summary>Compares ledger, wallets, payments and the payment provider once a day, and tells the operators of each difference. It changes nothing. An addition to the contract's tasks.</summary>
internal sealed class ReconciliationTask(Reconciliation reconciliation, ILedgerAudit audit, BillingMetrics metrics) : ISystemTask
{
    public string Name => SystemTaskNames.Reconciliation;

    public TimeSpan? Interval => TimeSpan.FromDays(1);

    public async Task<SystemTaskOutcome> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var report = await reconciliation.CompareAsync(now, cancellationToken);
        metrics.Reconciled(report.Count, await audit.BandsAsync(cancellationToken));
        var result = report.ToJson();
        return new SystemTaskOutcome(result, report.Count == 0 ? [] : [AlertOf(report, result)]);
    }

    private static Alert AlertOf(ReconciliationReport report, JsonObject result) => new(
        AlertTypes.LedgerDifferences,
        AlertChannels.Platform,
        $"{report.Count} {(report.Count == 1 ? "difference" : "differences")} between ledger, wallets and payments.",
        string.Join('\n', report.Differences.Select(difference => difference.ToString())),
        (JsonObject)result.DeepClone());
}
