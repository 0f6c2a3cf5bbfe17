using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grainflow.TestSupport;

/// <summary>Makes the hosts of servers that tests script: on a free port of 127.0.0.1, without a log.</summary>
public static class LoopbackHost
{
    /// <summary>Builds a host. The caller adds what it answers with, and starts it by <see cref="ListenAsync"/>.</summary>
    /// <param name="services">Adds services, or null.</param>
    public static WebApplication Build(Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        services?.Invoke(builder.Services);
        return builder.Build();
    }

    /// <summary>Starts a host.</summary>
    /// <param name="application">The host.</param>
    /// <returns>Its scheme, address and port, such as <c>http://127.0.0.1:40000</c>.</returns>
    public static async Task<string> ListenAsync(this WebApplication application)
    {
        await application.StartAsync();
        return application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }
}
