using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grainflow.Gateway.Tests.Edge;

public sealed class ProbeTests
{
    [Fact]
    public async Task The_start_is_over_when_the_host_says_so()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        (await server.With(null).GetAsync("/health/startup")).IsDetail(503);
        server.Services.GetRequiredService<Startup>().Complete();
        var answer = await server.With(null).GetAsync("/health/startup");
        Assert.Equal((200, """{"status":"healthy"}"""), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task A_process_without_its_database_lives()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        await server.Database.DisposeAsync();
        Assert.Equal(200, (await server.With(null).GetAsync("/health/live")).Status);
    }

    [Fact]
    public async Task A_process_whose_silo_has_ended_does_not_live()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        Assert.Equal(200, (await server.With(null).GetAsync("/health/live")).Status);
        foreach (var service in server.Services.GetServices<IHostedService>().Where(service => service.GetType().Namespace!.StartsWith("Orleans", StringComparison.Ordinal)))
            await service.StopAsync(TestContext.Current.CancellationToken);
        (await server.With(null).GetAsync("/health/live")).IsDetail(503);
    }

    [Fact]
    public async Task A_process_that_stops_as_it_was_told_lives()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.Equal(200, (await server.With(null).GetAsync("/health/live")).Status);
    }
}
