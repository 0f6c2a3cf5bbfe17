namespace Grainflow.Engine.Billing;

/// <summary>The unit of a price.</summary>
public enum CostType
{
    /// <summary>One node execution.</summary>
    Run,

    /// <summary>One second of execution, charged afterwards.</summary>
    Second,

    /// <summary>One byte of payload, charged afterwards.</summary>
    Byte,
}
