using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Storage.Billing;

namespace Grainflow.Gateway.Credits;

/// <summary>A page of a ledger as clients see it (contract: semantics 3.9).</summary>
internal static class CreditHistory
{
    /// <summary>The contract's default of a time that is not set.</summary>
    public static readonly DateTimeOffset Never = new(9999, 12, 31, 23, 59, 59, 999, 999, TimeSpan.Zero);

    /// <summary>The page of some rows. The charges of a run are one entry; they may continue on the next page.</summary>
    /// <param name="rows">The rows, newest first.</param>
    /// <param name="limit">How many rows were asked for.</param>
    public static TransactionHistory Page(IReadOnlyList<LedgerRow> rows, int limit)
    {
        var entries = new Dictionary<string, UserTransaction>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var (key, first) = Entry(row);
            entries[key] = entries.TryGetValue(key, out var entry) ? With(entry, row) : With(first, row) with { TransactionTime = row.At, RunningBalance = row.RunningBalance };
        }

        var last = rows.Count == limit ? rows[^1] : null;
        return new TransactionHistory { Transactions = [.. entries.Values], NextTransactionTime = last?.At, NextCursor = last is null ? null : Cursor(last) };
    }

    /// <summary>The rows that a cursor goes on with; null for a text that is no cursor.</summary>
    public static LedgerQuery? After(string cursor) =>
        cursor.Split('-') is [var time, var sequence]
        && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds <= (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).TotalMicroseconds
        && long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new LedgerQuery { Before = DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond), BeforeSequence = number }
            : null;

    private static string Cursor(LedgerRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{(row.At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond}-{row.Sequence}");

    private static (string Key, UserTransaction Entry) Entry(LedgerRow row)
    {
        var metadata = JsonElement.Parse(row.Metadata.Span);
        if (row.Type == LedgerType.Usage && Text(metadata, "graph_exec_id") is { Length: > 0 } run)
        {
            var graph = Text(metadata, "graph_id");
            return (run, new UserTransaction
            {
                UserId = row.UserId,
                Id = run,
                TransactionType = row.Type,
                Description = $"Graph #{graph?[..Math.Min(8, graph.Length)] ?? "UNKNOWN"} Execution",
                UsageGraphId = graph,
                UsageExecutionId = run,
            });
        }

        return (row.TransactionKey, new UserTransaction
        {
            UserId = row.UserId,
            Id = row.TransactionKey,
            TransactionKey = row.TransactionKey,
            TransactionType = row.Type,
            Description = $"{row.Type} Transaction",
        });
    }

    private static UserTransaction With(UserTransaction entry, LedgerRow row) => entry.UsageExecutionId is null
        ? entry with { Amount = entry.Amount + row.Amount }
        : entry with
        {
            Amount = entry.Amount + row.Amount,
            // A row that gives back what was reserved too much is not another node execution.
            UsageNodeCount = entry.UsageNodeCount + (row.Amount < 0 ? 1 : 0),
            UsageStartTime = row.At,
        };

    private static string? Text(JsonElement metadata, string name) => metadata.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
