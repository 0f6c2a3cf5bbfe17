using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Clustering of a silo.</summary>
public static class CoreHostingExtensions
{
    /// <summary>A cluster of this process only. An embedded silo opens no port, so only the names matter.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="siloPort">Not used.</param>
    /// <param name="gatewayPort">Not used.</param>
    /// <param name="primarySiloEndpoint">Not used.</param>
    /// <param name="serviceId">See <see cref="ClusterOptions.ServiceId"/>.</param>
    /// <param name="clusterId">See <see cref="ClusterOptions.ClusterId"/>.</param>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = 11111,
        int gatewayPort = 30000,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev")
    {
        builder.Services.Configure<ClusterOptions>(options =>
        {
            options.ServiceId = serviceId;
            options.ClusterId = clusterId;
        });
        return builder;
    }
}
