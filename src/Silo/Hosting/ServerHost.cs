using System.Net;
using System.Net.Sockets;
using Grainflow.Gateway;
using Grainflow.Gateway.Local;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Scheduler;
using Grainflow.Gateway.Telemetry;
using Grainflow.Gateway.WebSockets;
using Grainflow.Grains;
using Grainflow.Grains.Hosting;
using Grainflow.Silo.Telemetry;
using Grainflow.WebConsole;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Silo.Hosting;

/// <summary>Builds the host of a server: silo and gateway in one process, or one of both in a process of a cluster.</summary>
internal static class ServerHost
{
    /// <summary>How long requests and grains may take to end when the server stops. It begins after <see cref="ServerDrain"/> has waited for blocks.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(25);

    /// <summary>A web host that is not started. The caller holds the instance lock and has migrated.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="ports">The ports of Orleans; those of a gateway without a silo are not used.</param>
    /// <param name="port">The port of REST and WebSocket; 0 for any.</param>
    /// <param name="webSocketPort">The port of the WebSocket alone, or null.</param>
    /// <param name="replace">Registers services that replace the default ones, or null.</param>
    public static WebApplication Build(Settings settings, OrleansPorts ports, int port, int? webSocketPort, Action<IServiceCollection>? replace = null)
    {
        // The assets of the console are listed beside the program, by its name; where it was published, they are there too.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(ServerHost).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseStaticWebAssets();
        // With a route for every path, it would look for files that came after the build: unknown routes of the API would not be unknown.
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("ReloadStaticAssetsAtRuntime", (string?)"false")]);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            var address = IPAddress.Parse(settings.AgentApiHost);
            kestrel.Listen(address, port);
            if (webSocketPort is { } extra) kestrel.Listen(address, extra);
            if (settings.SchedulerRpc is { } rpc) kestrel.Listen(rpc);
        });
        var hasGateway = settings.Cluster?.HasGateway ?? true;
        if (settings.Cluster is { HasSilo: false } cluster) builder.AddGrainflowClient(settings, cluster, replace);
        else builder.AddGrainflowSilo(settings, ports, replace).AddGrainflowDashboard().Services.AddGrainflowSupervision().AddGrainflowSystemTasks();
        // Errors of requests are logged by the gateway's ErrorMiddleware; ASP.NET Core would log them a second time.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Error);
        var hasSilo = settings.Cluster?.HasSilo ?? true;
        builder.Services.AddSingleton(provider => hasSilo ? new RequestHolder(provider.GetRequiredService<SiloIdentity>().Name) : new RequestHolder(Silo: null, Guid.NewGuid()));
        if (hasGateway) builder.Services.AddGrainflowGateway().AddGrainflowConsole();
        else builder.Services.AddGrainflowHealth();
        builder.Services.AddOptions<GatewayOptions>().Configure<IOptions<GrainflowOptions>>((gateway, grains) => gateway.StuckAfter = grains.Value.BlockTimeLimit + RunQueueGauge.Grace);
        if (settings.SchedulerRpc is not null) builder.Services.AddGrainflowSchedulerRpc();
        builder.Services.AddSingleton<ServerDrain>();
        if (settings.Telemetry.EnableMetrics) builder.Services.AddGrainflowMetrics();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);

        var app = builder.Build();
        // Created first, because it misses measurements that are made before it exists.
        _ = app.Services.GetService<IMetricsPage>();
        // Before all else: its port serves nothing besides.
        if (settings.SchedulerRpc is { } scheduler) app.UseGrainflowSchedulerRpc(scheduler.Port);
        if (hasGateway)
        {
            app.UseGrainflowLocalClient();
            app.UseGrainflowConsoleSignIn(Dashboard.Path);
            app.UseGrainflowWebSockets(webSocketPort);
            app.UseGrainflowGateway();
            app.UseGrainflowConsole();
        }
        else
        {
            app.UseGrainflowHealth();
        }

        if (hasSilo) app.MapGrainflowDashboard();
        return app;
    }

    /// <summary>Why nobody can listen on a port, or null when somebody can.</summary>
    /// <param name="host">The address.</param>
    /// <param name="port">The port.</param>
    public static SocketError? FindProblem(string host, int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Parse(host), port);
            probe.Start();
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }
}
