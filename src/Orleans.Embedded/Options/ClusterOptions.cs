namespace Orleans.Configuration;

/// <summary>Which cluster and which service this is.</summary>
public class ClusterOptions
{
    /// <summary>The default of <see cref="ClusterId"/>.</summary>
    public const string DefaultClusterId = "default";

    /// <summary>The default of <see cref="ServiceId"/>.</summary>
    public const string DefaultServiceId = "default";

    /// <summary>The name of the cluster; it may change between deployments.</summary>
    public string ClusterId { get; set; } = DefaultClusterId;

    /// <summary>The name of the service; it is part of the key of stored grain state and must never change.</summary>
    public string ServiceId { get; set; } = DefaultServiceId;
}
