using Grainflow.Grains;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Silo.Hosting;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Silo.Runtime;

/// <summary>Orleans as a cluster member: membership and grain state in PostgreSQL.</summary>
internal static class OrleansWiring
{
    private const string Invariant = "Npgsql";

    /// <summary>Adds the silo.</summary>
    public static void AddSilo(IHostApplicationBuilder builder, string connectionString) => builder.UseOrleans(silo => silo
        .UseAdoNetClustering(options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = connectionString;
        })
        .AddAdoNetGrainStorage(StateStorage.Name, options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = connectionString;
            options.GrainStorageSerializer = new JsonGrainStorageSerializer();
        })
        // Subscriptions outlive a silo, the hints themselves need not: gateways read the logs.
        .AddAdoNetGrainStorage(RunStreams.SubscriptionStorage, options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = connectionString;
            options.GrainStorageSerializer = new JsonGrainStorageSerializer();
        })
        .AddMemoryStreams(RunStreams.Provider));
}
