using System.Net;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Gateway.WebSockets;
using Grainflow.Grains;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Silo.Hosting;
using Grainflow.Storage;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.TestingHost;

namespace Grainflow.Gateway.Tests.WebSockets.Support;

/// <summary>Silo and gateway in one process, as the server has them, on a database and ports of their own.</summary>
internal sealed class LiveServer : IAsyncDisposable
{
    public const string Key = "a key of thirty-two bytes or more";
    public const string User = "user-1";

    private readonly TestDatabase _database;
    private readonly Action<LiveOptions> _options;
    private readonly TimeProvider _clock;
    private readonly Action<GatewayOptions> _gateway;
    private readonly bool _apart;
    private WebApplication? _app;
    private int _ids;

    private LiveServer(TestDatabase database, Action<LiveOptions>? options, TimeProvider? clock, Action<GatewayOptions>? gateway, bool apart)
    {
        _database = database;
        _apart = apart;
        _options = options ?? (_ => { });
        _clock = clock ?? TimeProvider.System;
        _gateway = gateway ?? (_ => { });
    }

    public LiveBlocks Blocks { get; } = new();

    public LogLines Lines { get; } = new();

    public int Port { get; private set; }

    public int OwnPort { get; private set; }

    public IServiceProvider Services => _app!.Services;

    public CountingWriter Writer => (CountingWriter)Services.GetRequiredService<IEventWriter>();

    public CountingLog Log => Services.GetRequiredService<CountingLog>();

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts it; apart, the gateway knows of what silos write only what the log has, as in a process of its own.</summary>
    public static async Task<LiveServer> StartAsync(
        Action<LiveOptions>? options = null, TimeProvider? clock = null, Action<GatewayOptions>? gateway = null, bool apart = false)
    {
        var server = new LiveServer(await TestDatabase.CreateAsync(TestContext.Current.CancellationToken), options, clock, gateway, apart);
        await server.StartHostAsync();
        return server;
    }

    public Guid NewId() => new($"00000000-0000-4000-9000-{Interlocked.Increment(ref _ids):x12}");

    public Uri Address(string? user = User, int? port = null) =>
        new($"ws://127.0.0.1:{port ?? Port}/ws{(user is null ? "" : $"?token={Tokens.For(user)}")}");

    public Task<LiveClient> ConnectAsync(string user = User) => LiveClient.ConnectAsync(Address(user));

    public async Task<Graph> StoreAsync(LiveGraph builder, string user = User)
    {
        var graph = builder.Build();
        var result = await Grains.GetGrain<IGraphGrain>(Guid.Parse(graph.Id)).Create(new CreateGraph { UserId = user, Documents = [JsonPayload.Wrap(GraphDocument.Write(graph))] });
        Assert.Empty(result.Problems);
        return graph;
    }

    public async Task StartRunAsync(Guid runId, Graph graph, object? inputs = null, string user = User)
    {
        var result = await Grains.GetGrain<IGraphExecutionGrain>(runId).Start(new StartRun
        {
            UserId = user,
            GraphId = Guid.Parse(graph.Id),
            GraphVersion = graph.Version,
            Inputs = JsonPayload.Wrap(inputs is JsonElement json ? JsonValues.CompactUtf8(json) : JsonSerializer.SerializeToUtf8Bytes(inputs ?? new { })),
        });
        Assert.Equal([], result.Problems.Select(problem => problem.Message));
    }

    /// <summary>Every event that the log of a run says, found by reading it alone.</summary>
    public async Task<List<JsonElement>> ExpectedAsync(Guid runId, string user = User)
    {
        var reader = new RunReader(
            Services.GetRequiredService<IRunStore>(), Services.GetRequiredService<IExecutionLog>(), new LogTails(),
            Services.GetRequiredService<GraphCache>(), Options.Create(new LiveOptions()));
        var writer = new EventWriter(Options.Create(new LiveOptions()));
        var projection = await reader.OpenAsync(user, runId, includeDeleted: false, CancellationToken.None);
        Assert.NotNull(projection);
        var events = projection.Beginning.Select(liveEvent => JsonElement.Parse(writer.Write(projection, liveEvent).Span)).ToList();
        await foreach (var (sequence, runEvent) in reader.ReadAsync(runId, 0, CancellationToken.None))
            events.AddRange(projection.Apply(sequence, runEvent).Select(liveEvent => JsonElement.Parse(writer.Write(projection, liveEvent).Span)));
        return events;
    }

    /// <summary>Ends the process as far as a test can, and starts another on the same database.</summary>
    public async Task RestartAsync()
    {
        await StopHostAsync();
        await StartHostAsync();
        await Services.GetRequiredService<RunRecovery>().ResumeAllAsync(CancellationToken.None);
    }

    /// <summary>Stops as an operator would.</summary>
    public Task StopAsync() => _app!.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await StopHostAsync();
        // Shown when the test fails.
        TestContext.Current.TestOutputHelper?.WriteLine(Lines.ToString());
        await _database.DisposeAsync();
    }

    private async Task StopHostAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app) await app.DisposeAsync();
    }

    private async Task StartHostAsync() => _app = await OrleansPorts.StartAsync(Build, TestContext.Current.CancellationToken);

    private WebApplication Build(OrleansPorts ports)
    {
        Port = FreePorts.Pair();
        OwnPort = Port + 1;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, Port);
            kestrel.Listen(IPAddress.Loopback, OwnPort);
        });
        builder.Logging.AddProvider(Lines);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        AddServices(builder.Services);
        OrleansWiring.AddLoneSilo(builder, _database.ConnectionString, ports.Silo);
        var app = builder.Build();
        app.UseGrainflowWebSockets(OwnPort);
        return app;
    }

    private void AddServices(IServiceCollection services)
    {
        services.AddSingleton(_clock);
        services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
        services.AddSingleton<IBlockCatalogue>(Blocks);
        services.AddSingleton<IBlockRegistry>(Blocks);
        services.AddSingleton(Surroundings.Of(_clock));
        services.AddGrainflowStorage(_database.ConnectionString);
        services.AddGrainflowGrains();
        services.Configure<GrainflowOptions>(options => options.EnableCredit = false);
        services.Configure<GatewayOptions>(options => options.JwtVerifyKey = Key);
        services.Configure(_gateway);
        services.Configure(_options);
        services.AddSingleton(provider => new CountingLog(provider.GetRequiredService<IExecutionLog>()));
        services.AddSingleton(provider => new RunReader(
            provider.GetRequiredService<IRunStore>(), provider.GetRequiredService<CountingLog>(),
            _apart ? new LogTails() : provider.GetRequiredService<LogTails>(),
            provider.GetRequiredService<GraphCache>(), provider.GetRequiredService<IOptions<LiveOptions>>()));
        services.AddSingleton<IEventWriter>(provider => new CountingWriter(new EventWriter(provider.GetRequiredService<IOptions<LiveOptions>>())));
        services.AddGrainflowWebSockets();
    }
}
