namespace Grainflow.Engine.Billing;

/// <summary>What a price counts.</summary>
public enum CostType
{
    /// <summary>One node execution.</summary>
    Run,

    /// <summary>One second of running, settled afterwards.</summary>
    Second,

    /// <summary>One byte of payload, settled afterwards.</summary>
    Byte,
}
