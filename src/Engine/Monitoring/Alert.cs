using System.Text.Json.Nodes;

namespace Grainflow.Engine.Monitoring;

/// <summary>What a check of the platform reports to its operators; the data of a row in <c>notification_events</c> (decision 42).</summary>
/// <param name="Type">The type of the event, in capitals; a member of <see cref="AlertTypes"/>.</param>
/// <param name="Channel">Who reads it; a member of <see cref="AlertChannels"/>.</param>
/// <param name="Title">One line for the log, without ids of users and texts of errors.</param>
/// <param name="Message">The whole text for people.</param>
/// <param name="Details">The facts behind the message, as a JSON object.</param>
/// <param name="IsWarning">False when nothing is wrong, as for an all-clear.</param>
public sealed record Alert(string Type, string Channel, string Title, string Message, JsonObject Details, bool IsWarning = true);

/// <summary>The types of alerts. The contract has none for them (semantics 6.1), because its alerts are chat messages; a type that it does not know counts as IMMEDIATE.</summary>
public static class AlertTypes
{
    /// <summary>Executions that did not start or do not end (semantics 9.1).</summary>
    public const string LateExecutions = "LATE_EXECUTIONS";

    /// <summary>The error rates of blocks (semantics 9.2).</summary>
    public const string BlockErrorRates = "BLOCK_ERROR_RATES";

    /// <summary>An agent of the marketplace whose accuracy has dropped (semantics 9.3).</summary>
    public const string ExecutionAccuracy = "EXECUTION_ACCURACY";

    /// <summary>Ledger, wallets and payments that do not agree.</summary>
    public const string LedgerDifferences = "LEDGER_DIFFERENCES";
}

/// <summary>The channels of operators: the contract's settings <c>platform_alert_discord_channel</c> and <c>product_alert_discord_channel</c> name where the first two lead.</summary>
public static class AlertChannels
{
    /// <summary>Who runs the platform.</summary>
    public const string Platform = "platform";

    /// <summary>Who looks after the product.</summary>
    public const string Product = "product";

    /// <summary>Who decides on refunds; the contract's setting <c>refund_notification_email</c> names where it leads.</summary>
    public const string Refunds = "refunds";
}
