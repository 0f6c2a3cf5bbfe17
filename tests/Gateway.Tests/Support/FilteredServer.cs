using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Support;

/// <summary>A server whose grain calls a test can lose, as at the end of a silo.</summary>
internal sealed class FilteredServer : ApiServer, IIncomingGrainCallFilter
{
    /// <summary>Stands in the place of a call, which it may make by <see cref="IGrainCallContext.Invoke"/>; null for every call as it is.</summary>
    public Func<IIncomingGrainCallContext, Task>? OnCall { get; set; }

    public static async Task<FilteredServer> StartAsync()
    {
        var server = new FilteredServer();
        await server.InitializeAsync();
        return server;
    }

    public Task Invoke(IIncomingGrainCallContext context) => OnCall is { } instead ? instead(context) : context.Invoke();

    private protected override void Replace(IServiceCollection services) => services.AddSingleton<IIncomingGrainCallFilter>(this);
}
