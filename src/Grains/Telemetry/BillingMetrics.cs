using System.Diagnostics.Metrics;
using Grainflow.Storage.Telemetry;

namespace Grainflow.Grains.Telemetry;

/// <summary>The metrics of credits. What a process had not counted when it died stays uncounted; the ledger is the truth. No label contains a user.</summary>
public sealed class BillingMetrics
{
    private readonly Counter<long> _spent;
    private readonly Counter<long> _changes;
    private readonly Counter<long> _credits;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _failed;
    private IReadOnlyDictionary<string, long> _bands = new Dictionary<string, long>(StringComparer.Ordinal);
    private long _differences = -1;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">Creates the meter of this host.</param>
    public BillingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Instrumentation.Name);
        _spent = meter.CreateCounter<long>("autogpt_credits_spent_total", description: "Credits that node executions cost, by block.");
        _changes = meter.CreateCounter<long>("autogpt_wallet_changes_total", description: "Top-ups, grants, refunds and card checks, by type.");
        _credits = meter.CreateCounter<long>("autogpt_wallet_change_credits_total", description: "Credits of top-ups, grants and refunds without regard to their sign, by type.");
        _refused = meter.CreateCounter<long>("autogpt_charges_refused_total", description: "Charges that were refused, by reason.");
        _failed = meter.CreateCounter<long>("autogpt_payments_failed_total", description: "Payments that have failed, by kind.");
        meter.CreateObservableGauge(
            "autogpt_ledger_differences", () => Volatile.Read(ref _differences) is >= 0 and var count ? [new Measurement<long>(count)] : Array.Empty<Measurement<long>>(),
            description: "Differences that the last reconciliation in this process has found between ledger, wallets and payments; must be 0.");
        meter.CreateObservableGauge(
            "autogpt_wallets", () => Volatile.Read(ref _bands).Select(band => new Measurement<long>(band.Value, new KeyValuePair<string, object?>("balance", band.Key))),
            description: "Wallets by balance in credits, as of the last reconciliation in this process.");
    }

    /// <summary>Counts what a node execution cost.</summary>
    /// <param name="block">The name of its block.</param>
    /// <param name="credits">0 or more.</param>
    internal void Spent(string block, long credits)
    {
        if (credits > 0) _spent.Add(credits, new KeyValuePair<string, object?>("block_type", block));
    }

    /// <summary>Counts a change that is new in the ledger.</summary>
    /// <param name="type">The type of the row.</param>
    /// <param name="credits">What was recorded.</param>
    internal void Changed(string type, long credits)
    {
        var tag = new KeyValuePair<string, object?>("type", type);
        _changes.Add(1, tag);
        if (credits != 0) _credits.Add(Math.Abs(credits), tag);
    }

    /// <summary>Counts a charge that was refused.</summary>
    /// <param name="reason">Why.</param>
    internal void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Counts a payment that has failed.</summary>
    /// <param name="kind">Its kind.</param>
    internal void PaymentFailed(string kind) => _failed.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>Sets what a reconciliation has found.</summary>
    /// <param name="differences">How many differences.</param>
    /// <param name="bands">Wallets by balance; a band without a wallet is 0.</param>
    internal void Reconciled(long differences, IReadOnlyDictionary<string, long> bands)
    {
        Volatile.Write(ref _differences, differences);
        Volatile.Write(ref _bands, Storage.Billing.BalanceBands.All.ToDictionary(band => band, band => bands.GetValueOrDefault(band), StringComparer.Ordinal));
    }
}
