namespace Grainflow.Storage.Billing;

/// <summary>The kinds of ledger rows (contract: semantics 3.5).</summary>
public static class LedgerType
{
    /// <summary>Spending.</summary>
    public const string Usage = "USAGE";

    /// <summary>A gift: onboarding, monthly refill, administrator.</summary>
    public const string Grant = "GRANT";

    /// <summary>A purchase.</summary>
    public const string TopUp = "TOP_UP";

    /// <summary>Money given back by the payment provider; negative.</summary>
    public const string Refund = "REFUND";

    /// <summary>A card was checked; 0.</summary>
    public const string CardCheck = "CARD_CHECK";
}
