namespace Orleans.TestingHost;

/// <summary>What differs from silo to silo.</summary>
public sealed class InProcessTestSiloSpecificOptions
{
    /// <summary>The name of the silo.</summary>
    public string SiloName { get; set; } = "Silo_0";
}
