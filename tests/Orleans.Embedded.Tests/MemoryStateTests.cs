using Orleans.Embedded.Tests.Support;
using Orleans.Hosting;

namespace Orleans.Embedded.Tests;

public sealed class MemoryStateTests : StateFacts
{
    protected override void Configure(ISiloBuilder silo) => silo.AddMemoryGrainStorage("store");
}

public sealed class MemoryStateWithSerializerTests : StateFacts
{
    protected override void Configure(ISiloBuilder silo) =>
        silo.AddMemoryGrainStorage("store", options => options.GrainStorageSerializer = new JsonSerializerForTests());
}
