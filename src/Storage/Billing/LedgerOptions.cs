using System.ComponentModel.DataAnnotations;

namespace Grainflow.Storage.Billing;

/// <summary>Settings of the ledger (contract: semantics section 10).</summary>
public sealed class LedgerOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Ledger";

    /// <summary>A charge that takes the balance from this many credits or more to fewer tells the user; 0 tells nobody. Setting <c>LOW_BALANCE_THRESHOLD</c>.</summary>
    [Range(0, int.MaxValue)]
    public int LowBalanceThreshold { get; set; } = 500;

    /// <summary>The page where credits are bought, which notices about a balance link to (contract: semantics 3.4). It is made from the base addresses; there is no setting for it.</summary>
    public string BillingPage { get; set; } = "/profile/credits";

    /// <summary>How many operations are written in one transaction at most. 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int MaxBatchOperations { get; set; } = 500;
}
