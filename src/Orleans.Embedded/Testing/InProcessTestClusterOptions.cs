using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

/// <summary>What a test cluster is made of.</summary>
public sealed class InProcessTestClusterOptions
{
    /// <summary>The name of the cluster.</summary>
    public string ClusterId { get; set; } = "";

    /// <summary>The name of the service; part of the key of stored grain state.</summary>
    public string ServiceId { get; set; } = "";

    /// <summary>Whether <see cref="InProcessTestCluster.Client"/> is there after deployment. Default true.</summary>
    public bool InitializeClientOnDeploy { get; set; } = true;

    /// <summary>How many silos the test would like. An embedded cluster always has one.</summary>
    public short InitialSilosCount { get; set; }

    /// <summary>Configure the host of each silo.</summary>
    public List<Action<InProcessTestSiloSpecificOptions, IHostApplicationBuilder>> SiloHostConfigurationDelegates { get; } = [];

    /// <summary>Configure the host of the client.</summary>
    public List<Action<IHostApplicationBuilder>> ClientHostConfigurationDelegates { get; } = [];
}
