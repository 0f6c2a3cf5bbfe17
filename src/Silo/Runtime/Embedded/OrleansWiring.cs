using Grainflow.Grains;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Silo.Hosting;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Silo.Runtime;

/// <summary>Orleans in this process: the embedded runtime, with grain state in PostgreSQL.</summary>
internal static class OrleansWiring
{
    /// <summary>Adds the silo.</summary>
    public static void AddSilo(IHostApplicationBuilder builder, string connectionString) => builder.UseOrleans(silo => silo
        .AddAdoNetGrainStorage(StateStorage.Name, options =>
        {
            options.Invariant = "Npgsql";
            options.ConnectionString = connectionString;
            options.GrainStorageSerializer = new JsonGrainStorageSerializer();
        })
        // Hints to gateways, which may be lost: with the process, so are those who listen.
        .AddMemoryGrainStorage(RunStreams.SubscriptionStorage)
        .AddMemoryStreams(RunStreams.Provider));
}
