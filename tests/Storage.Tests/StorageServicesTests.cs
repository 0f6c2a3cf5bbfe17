using Grainflow.Storage.Billing;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.RunFiles;
using Grainflow.Storage.Users;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grainflow.Storage.Tests;

public sealed class StorageServicesTests
{
    [Fact]
    public async Task Every_store_is_registered()
    {
        await using var services = Build(_ => { });
        foreach (var type in new[]
                 {
                     typeof(Database), typeof(ILogTransport), typeof(IExecutionLog), typeof(IRunStore), typeof(IGraphStore),
                     typeof(ILedgerStore), typeof(IUserStore), typeof(IRunFileStore),
                 })
        {
            Assert.Same(services.GetRequiredService(type), services.GetRequiredService(type));
        }
    }

    [Fact]
    public async Task Settings_out_of_range_are_refused()
    {
        await using var services = Build(options => options.ExecutionCostCountThreshold = 0);
        Assert.Throws<OptionsValidationException>(services.GetRequiredService<IExecutionLog>);
    }

    private static ServiceProvider Build(Action<ExecutionLogOptions> configure) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
        .AddGrainflowStorage("Host=/nowhere")
        .Configure(configure)
        .BuildServiceProvider();
}
