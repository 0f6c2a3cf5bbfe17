using System.Text.Json;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Credits;

/// <summary>One entry of a history of credits (contract: semantics 3.9): a transaction, or all charges of a run together. Newer versions of AutoGPT have the id.</summary>
internal sealed record UserTransaction
{
    /// <summary>The key of a transaction; empty for the charges of a run.</summary>
    [SchemaDefault("\"\"")]
    public string TransactionKey { get; init; } = "";

    /// <summary>When it was made; of the charges of a run the last.</summary>
    [SchemaDefault("\"0001-01-01T00:00:00Z\"")]
    public DateTimeOffset TransactionTime { get; init; }

    [OneOf("TOP_UP", "USAGE", "GRANT", "REFUND", "CARD_CHECK")]
    public string TransactionType { get; init; } = "USAGE";

    /// <summary>In credits; negative for what was spent.</summary>
    [SchemaDefault("0")]
    public long Amount { get; init; }

    /// <summary>The balance after it.</summary>
    [SchemaDefault("0")]
    public long RunningBalance { get; init; }

    /// <summary>What the user has now, for administrators; else 0.</summary>
    [SchemaDefault("0")]
    public long CurrentBalance { get; init; }

    public string? Description { get; init; }

    public string? UsageGraphId { get; init; }

    public string? UsageExecutionId { get; init; }

    /// <summary>How many node executions the charges of a run are for.</summary>
    [SchemaDefault("0")]
    public int UsageNodeCount { get; init; }

    /// <summary>When the first of the charges of a run was made.</summary>
    [SchemaDefault("\"9999-12-31T23:59:59.999999Z\"")]
    public DateTimeOffset UsageStartTime { get; init; } = CreditHistory.Never;

    public required string UserId { get; init; }

    public string? UserEmail { get; init; }

    public string? Reason { get; init; }

    public string? AdminEmail { get; init; }

    public string? ExtraData { get; init; }

    /// <summary>The key of the transaction, or the run.</summary>
    public string? Id { get; init; }

    /// <summary>What newer versions of AutoGPT call the activity; not told here (upstream 2b).</summary>
    public string? ActivityType { get; init; }

    /// <summary>The charges that newer versions list apart; not told here (upstream 2b).</summary>
    public IReadOnlyList<JsonElement>? Charges { get; init; }
}

/// <summary>A page of a history.</summary>
internal sealed record TransactionHistory
{
    public required IReadOnlyList<UserTransaction> Transactions { get; init; }

    /// <summary>The time with which the next page is asked for; null on the last page.</summary>
    public required DateTimeOffset? NextTransactionTime { get; init; }

    /// <summary>The cursor of the next page; null on the last page.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>The body of "add credits to user".</summary>
[SchemaName("Body_postV2Add_credits_to_user")]
internal sealed record AddCreditsBody
{
    public required string UserId { get; init; }

    /// <summary>In credits; negative to take some.</summary>
    public required int Amount { get; init; }

    public required string Comments { get; init; }
}

/// <summary>The result of "add credits to user".</summary>
internal sealed record AddUserCreditsResponse
{
    public required long NewBalance { get; init; }

    public required string TransactionKey { get; init; }
}

/// <summary>A page of the transactions of all users.</summary>
internal sealed record UserHistoryResponse
{
    public required IReadOnlyList<UserTransaction> History { get; init; }

    public required Pagination Pagination { get; init; }
}

/// <summary>Where a page is.</summary>
internal sealed record Pagination
{
    public required long TotalItems { get; init; }

    public required long TotalPages { get; init; }

    public required int CurrentPage { get; init; }

    public required int PageSize { get; init; }
}
