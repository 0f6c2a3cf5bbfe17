using System.Text.Json.Nodes;
using Grainflow.Storage.Billing;

namespace Grainflow.Grains.Billing;

/// <summary>Compares the ledger with what follows from it in the database, and the payments with those of the payment provider. It changes nothing.</summary>
public sealed class Reconciliation
{
    private readonly ILedgerAudit _audit;

    /// <summary>Compares by what the silo has.</summary>
    /// <param name="audit">The comparisons in the database.</param>
    internal Reconciliation(ILedgerAudit audit) => _audit = audit;

    /// <summary>Compares everything.</summary>
    /// <param name="now">The time; what may still be under way then is no difference.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ReconciliationReport> CompareAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var database = await _audit.CompareAsync(now, cancellationToken);
        return new ReconciliationReport(database.Wallets, database.Rows, database.Payments, database.Count, database.Differences);
    }
}

/// <summary>What a reconciliation has found.</summary>
/// <param name="Wallets">How many wallets were compared.</param>
/// <param name="Rows">How many rows of the ledger.</param>
/// <param name="Payments">How many fulfilled payments and refunds.</param>
/// <param name="Count">How many differences there are; 0 when all agrees.</param>
/// <param name="Differences">The first of them.</param>
public sealed record ReconciliationReport(long Wallets, long Rows, long Payments, long Count, IReadOnlyList<LedgerDifference> Differences)
{
    /// <summary>The report as JSON, for the task and the command.</summary>
    public JsonObject ToJson() => new()
    {
        ["wallets"] = Wallets,
        ["ledger_rows"] = Rows,
        ["payments"] = Payments,
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
