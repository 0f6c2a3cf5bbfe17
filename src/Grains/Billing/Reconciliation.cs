using System.Text.Json.Nodes;
using Grainflow.Grains.Billing.Payments;
using Grainflow.Storage.Billing;

namespace Grainflow.Grains.Billing;

/// <summary>Compares the ledger with what follows from it in the database, and the payments of the last weeks with those of the payment provider. It changes nothing.</summary>
public sealed class Reconciliation
{
    /// <summary>How far back payments are compared with those of the provider. Every payment is compared about a month long.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromDays(31);

    /// <summary>What is younger may still be under way.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromHours(1);

    /// <summary>How much the clock of the provider may differ from this one, and how much later than its payment a checkout may be paid.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromDays(2);

    private readonly ILedgerAudit _audit;
    private readonly IPaymentProvider _provider;

    /// <summary>Compares by what the silo has.</summary>
    /// <param name="audit">The comparisons in the database.</param>
    /// <param name="provider">The payment provider.</param>
    internal Reconciliation(ILedgerAudit audit, IPaymentProvider provider) => (_audit, _provider) = (audit, provider);

    /// <summary>Compares everything.</summary>
    /// <param name="now">The time; what may still be under way then is no difference.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The payment provider could not be asked.</exception>
    public async Task<ReconciliationReport> CompareAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var database = await _audit.CompareAsync(now, cancellationToken);
        var differences = new List<LedgerDifference>(database.Differences);
        var compared = 0L;
        if (_provider.Missing is null)
        {
            try
            {
                compared = await ComparePaymentsAsync(now, differences, cancellationToken) + await CompareRefundsAsync(now, differences, cancellationToken);
            }
            catch (Exception exception) when (exception is ProviderAwayException or ProviderRefusalException)
            {
                throw new InvalidOperationException($"The payments could not be compared with those of the provider: {exception.Message}", exception);
            }
        }

        var more = differences.Count - database.Differences.Count;
        return new ReconciliationReport(database.Wallets, database.Rows, database.Payments, compared, database.Count + more, differences) { ProviderMissing = _provider.Missing };
    }

    private async Task<long> ComparePaymentsAsync(DateTimeOffset now, List<LedgerDifference> differences, CancellationToken cancellationToken)
    {
        var ours = (await _audit.PaymentsAsync(now - Window - Margin, cancellationToken)).ToDictionary(payment => payment.Id);
        var paid = new HashSet<Guid>();
        var compared = 0L;
        await foreach (var theirs in _provider.AllPaymentsAsync(now - Window - Margin).WithCancellation(cancellationToken))
        {
            // Payments of other programs on the same account name none of ours.
            if (theirs is not { State: ProviderState.Succeeded, PaymentId: { } id }) continue;
            compared++;
            paid.Add(id);
            if (theirs.CreatedAt > now - Settled || theirs.CreatedAt < now - Window) continue;
            var payment = ours.GetValueOrDefault(id);
            if (payment is not { IsFulfilled: true })
                differences.Add(new LedgerDifference(LedgerDifferenceKinds.PaidWithoutCredits, payment?.UserId ?? "", id.ToString(), $"the provider has taken {theirs.Amount} cents by {theirs.Id}; the payment is not fulfilled"));
            else if (theirs.Amount > payment.Credits)
                differences.Add(new LedgerDifference(LedgerDifferenceKinds.AmountOfPayment, payment.UserId, id.ToString(), $"the provider has taken {theirs.Amount} cents by {theirs.Id}; the payment is of {payment.Credits} credits"));
        }

        foreach (var payment in ours.Values.Where(payment => payment is { IsFulfilled: true, IntentId: not null } && payment.CreatedAt >= now - Window && !paid.Contains(payment.Id)))
            differences.Add(new LedgerDifference(LedgerDifferenceKinds.NotPaid, payment.UserId, payment.Id.ToString(), $"the payment of {payment.Credits} credits is fulfilled; the provider has no paid {payment.IntentId}"));
        return compared;
    }

    private async Task<long> CompareRefundsAsync(DateTimeOffset now, List<LedgerDifference> differences, CancellationToken cancellationToken)
    {
        var theirs = new List<ProviderRefund>();
        await foreach (var refund in _provider.AllRefundsAsync(now - Window).WithCancellation(cancellationToken))
            if (refund is { State: ProviderState.Succeeded, IntentId: not null }) theirs.Add(refund);
        var ours = (await _audit.PaymentsOfAsync([.. theirs.Select(refund => refund.IntentId!).Distinct(StringComparer.Ordinal)], cancellationToken))
            .ToDictionary(payment => payment.IntentId!, StringComparer.Ordinal);
        var taken = await _audit.RefundKeysAsync(now - Window - Margin, cancellationToken);
        var compared = 0L;
        foreach (var refund in theirs)
        {
            if (!ours.TryGetValue(refund.IntentId!, out var payment)) continue;
            compared++;
            if (refund.CreatedAt <= now - Settled && !taken.Contains(refund.Id))
                differences.Add(new LedgerDifference(LedgerDifferenceKinds.RefundNotTaken, payment.UserId, payment.Id.ToString(), $"the provider has given {refund.Amount} cents of {refund.IntentId} back by {refund.Id}; the ledger has no row of it"));
        }

        return compared;
    }
}

/// <summary>What a reconciliation has found.</summary>
/// <param name="Wallets">How many wallets were compared.</param>
/// <param name="Rows">How many rows of the ledger.</param>
/// <param name="Payments">How many fulfilled payments and refunds of the database.</param>
/// <param name="AtProvider">How many payments and refunds of the provider.</param>
/// <param name="Count">How many differences there are; 0 when all agrees.</param>
/// <param name="Differences">The first of them.</param>
public sealed record ReconciliationReport(long Wallets, long Rows, long Payments, long AtProvider, long Count, IReadOnlyList<LedgerDifference> Differences)
{
    /// <summary>Why the payment provider was not asked; null when it was.</summary>
    public string? ProviderMissing { get; init; }

    /// <summary>The report as JSON, for the task and the command.</summary>
    public JsonObject ToJson() => new()
    {
        ["wallets"] = Wallets,
        ["ledger_rows"] = Rows,
        ["payments"] = Payments,
        ["payments_at_provider"] = ProviderMissing is null ? AtProvider : null,
        ["difference_count"] = Count,
        ["differences"] = new JsonArray([.. Differences.Select(difference => (JsonNode)new JsonObject
        {
            ["kind"] = difference.Kind,
            ["user_id"] = difference.UserId,
            ["subject"] = difference.Subject,
            ["text"] = difference.Text,
        })]),
    };
}
