using System.Net;
using System.Net.Sockets;
using Grainflow.Gateway.Hosting;
using Grainflow.Grains.Graphs;
using Grainflow.Grains.Hosting;
using Grainflow.Silo.Hosting;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Silo.CommandLine;

/// <summary><c>./run</c> without an agent: the server, or one process of a cluster, until Ctrl-C or TERM.</summary>
internal static class ServerCommand
{
    /// <summary>Starts the server and serves until it is stopped.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="instance">The instance lock.</param>
    /// <param name="stop">Cancelled by Ctrl-C or TERM.</param>
    public static async Task<int> RunAsync(CliOptions options, Settings settings, Instance instance, CancellationToken stop)
    {
        var lost = instance.Lost;
        var port = options.Port ?? settings.AgentApiPort;
        if (ServerHost.FindProblem(settings.AgentApiHost, port) is { } problem) throw CannotListen(settings.AgentApiHost, port, problem);
        if (settings.SchedulerRpc is { } rpc) CheckSchedulerPort(settings, rpc, port);
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(stop, lost);
        await using var app = await StartAsync(settings, instance.Lane, port, starting.Token);
        var fatal = app.Services.GetRequiredService<FatalErrors>();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, lost, fatal.Stopping);
        try
        {
            var url = Url(settings.AgentApiHost, port);
            // In a cluster the command line finds a gateway in the database.
            if (settings.Cluster is null) ServerFile.Write(settings.DataFolder, url);
            var resumed = settings.Cluster is { HasSilo: false } ? 0 : await TakeUpAsync(app.Services, ended.Token);
            app.Services.GetRequiredService<Startup>().Complete();
            app.Services.GetRequiredService<LogDetail>().Serving();
            Greet(settings, url, resumed);
            await Task.Delay(Timeout.InfiniteTimeSpan, ended.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        catch (OperationCanceledException) when (fatal.First is not null)
        {
            // Reported below, after the server has stopped.
        }
        finally
        {
            if (stop.IsCancellationRequested) await DrainAsync(app.Services, lost, fatal.Stopping);
            ServerFile.Remove(settings.DataFolder);
            await app.StopAsync(CancellationToken.None);
        }

        instance.ThrowIfLost();
        if (fatal.First is { } error) throw new CliException(error, ExitCodes.Refused);
        return ExitCodes.Success;
    }

    /// <summary>Refuses a port of the scheduler's RPC that cannot be listened on, or that the server itself needs.</summary>
    private static void CheckSchedulerPort(Settings settings, IPEndPoint rpc, int port)
    {
        if (rpc.Port == port || rpc.Port == (settings.WebsocketServerPort ?? port + 1))
            throw new CliException($"EXECUTION_SCHEDULER_PORT is {rpc.Port}, which the server itself listens on; set it to another port, 8003 for example.");
        if (ServerHost.FindProblem(rpc.Address.ToString(), rpc.Port) is { } problem)
            throw new CliException($"The scheduler's RPC cannot listen on {rpc} (EXECUTION_SCHEDULER_PORT, SCHEDULER_RPC_HOST): {new SocketException((int)problem).Message}.");
    }

    /// <summary>Does what a silo does once at its start: collects deleted graphs, completes the models of graphs, and takes up unfinished runs.</summary>
    /// <returns>How many runs were taken up.</returns>
    private static async Task<int> TakeUpAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<IGraphStore>().CollectDeletedAsync(cancellationToken);
        await services.GetRequiredService<GraphModels>().AddMissingAsync(cancellationToken);
        return (await services.GetRequiredService<RunRecovery>().ResumeAllAsync(cancellationToken)).Count;
    }

    /// <summary>Waits for the blocks under way, unless the server must end at once.</summary>
    private static async Task DrainAsync(IServiceProvider services, CancellationToken lost, CancellationToken failed)
    {
        using var cutShort = CancellationTokenSource.CreateLinkedTokenSource(lost, failed);
        await services.GetRequiredService<ServerDrain>().RunAsync(cutShort.Token);
    }

    /// <summary>The port that serves the WebSocket alone; null when there is none, which is reported.</summary>
    private static int? WebSocketPort(Settings settings, int port)
    {
        var extra = settings.WebsocketServerPort ?? port + 1;
        if (extra == port) return null;
        if (extra > IPEndPoint.MaxPort)
        {
            Console.Error.WriteLine($"There is no port after {port}: the WebSocket is served at /ws of port {port} only.");
            return null;
        }

        if (ServerHost.FindProblem(settings.AgentApiHost, extra) is not { } problem) return extra;
        Console.Error.WriteLine($"Port {extra} {(problem == SocketError.AddressAlreadyInUse ? "is taken" : "cannot be used")}: the WebSocket is served at /ws of port {port} only.");
        return null;
    }

    private static async Task<WebApplication> StartAsync(Settings settings, WriterLane lane, int port, CancellationToken cancellationToken)
    {
        var webSocketPort = settings.Cluster is { HasGateway: false } ? null : WebSocketPort(settings, port);
        try
        {
            if (settings.Cluster is not { } cluster) return await OrleansPorts.StartAsync(ports => ServerHost.Build(settings, ports, port, webSocketPort), cancellationToken);
            return await StartInClusterAsync(settings, cluster, lane, port, webSocketPort, cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw CannotListen(settings.AgentApiHost, port, SocketError.AddressAlreadyInUse);
        }
    }

    private static async Task<WebApplication> StartInClusterAsync(Settings settings, ClusterSettings cluster, WriterLane lane, int port, int? webSocketPort, CancellationToken cancellationToken)
    {
        void Announce(IServiceCollection services)
        {
            services.AddSingleton(lane);
            if (!cluster.HasGateway) return;
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<GatewayAnnouncement>(provider, Announced(settings, cluster, port)));
        }

        if (cluster.HasSilo)
        {
            var kept = new KeptPorts(cluster, settings.DataFolder, port);
            var used = new OrleansPorts(0);
            var app = await OrleansPorts.StartAsync(ports => ServerHost.Build(settings, used = ports, port, webSocketPort, Announce), cancellationToken, kept.Choose);
            kept.Keep(used);
            return app;
        }

        var gateway = ServerHost.Build(settings, new OrleansPorts(0), port, webSocketPort, Announce);
        try
        {
            await gateway.StartAsync(cancellationToken);
            gateway.Services.GetRequiredService<ClusterConnection>().Started();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>How other processes find this one. One that listens on all addresses is reached at the one by which the cluster knows it.</summary>
    private static AnnouncedGateway Announced(Settings settings, ClusterSettings cluster, int port)
    {
        var host = IPAddress.Parse(settings.AgentApiHost);
        var address = host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any) ? cluster.Address : host;
        return new AnnouncedGateway(cluster.Name, Url(address.ToString(), port), Environment.MachineName);
    }

    private static CliException CannotListen(string host, int port, SocketError problem) => new(problem switch
    {
        SocketError.AddressAlreadyInUse => $"Port {port} is taken. Choose another one: ./run --port {(port < 65000 ? port + 10 : 8000)}",
        SocketError.AccessDenied => $"Port {port} is refused by the operating system to this user. Choose one from 1024: ./run --port 8000",
        SocketError.AddressNotAvailable => $"AGENT_API_HOST is '{host}', which is not an address of this machine.",
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolNotSupported or SocketError.ProtocolFamilyNotSupported =>
            $"AGENT_API_HOST is '{host}', and this machine has no {(host.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4")}.",
        _ => $"The server cannot listen on {Url(host, port)}: {new SocketException((int)problem).Message}.",
    });

    /// <summary>The address at which this machine reaches the server. Addresses that stand for all of the machine are no addresses to call.</summary>
    private static string Url(string host, int port)
    {
        var address = IPAddress.Parse(host);
        if (address.Equals(IPAddress.Any)) address = IPAddress.Loopback;
        if (address.Equals(IPAddress.IPv6Any)) address = IPAddress.IPv6Loopback;
        return new UriBuilder(Uri.UriSchemeHttp, address.ToString(), port).Uri.GetLeftPart(UriPartial.Authority);
    }

    private static void Greet(Settings settings, string url, int resumed)
    {
        if (resumed > 0) Console.Error.WriteLine($"{resumed} interrupted {(resumed == 1 ? "run goes" : "runs go")} on.");
        if (settings.Gateway is { EnableAuth: true, JwtVerifyKey.Length: > 0 and < 32 }) Console.Error.WriteLine("JWT_VERIFY_KEY is shorter than 32 characters; a longer one is safer.");
        var token = settings.Gateway.EnableAuth ? " -H 'Authorization: Bearer TOKEN'" : "";
        var of = settings.Cluster is { } cluster ? $" as {cluster.Role switch { ProcessRole.Silo => "a silo", ProcessRole.Gateway => "a gateway", _ => "silo and gateway" }} of cluster '{cluster.Name}'" : "";
        try
        {
            if (settings.Cluster is { HasGateway: false })
            {
                Console.Out.WriteLine($"Grainflow runs{of}");
                Console.Out.WriteLine($"  its health:    curl {ShellText.Quote(url + "/health/ready")}");
                Console.Out.WriteLine("Ctrl-C stops it; the data stays.");
                return;
            }

            Console.Out.WriteLine($"Grainflow serves {url}{of}");
            Console.Out.WriteLine($"  try it:        curl{token} {ShellText.Quote(url + "/api/blocks")}");
            Console.Out.WriteLine($"  run an agent:  ./run AGENT.json --input NAME=VALUE");
            Console.Out.WriteLine($"  the API:       {url}/docs");
            Console.Out.WriteLine("Ctrl-C stops it; the data stays.");
        }
        catch (OutputException exception)
        {
            // Nothing that was asked for is lost: the server goes on.
            Console.Error.WriteLine($"Grainflow serves {url} (standard output could not be written: {exception.Reason})");
        }
    }
}
