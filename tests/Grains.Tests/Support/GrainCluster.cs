using System.Collections.Concurrent;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Monitoring;
using Grainflow.Silo.Hosting;
using Grainflow.Storage;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Monitoring;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Reminders;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace Grainflow.Grains.Tests.Support;

/// <summary>The grains on a test cluster, of one silo unless set up otherwise, with a database of its own. Killed silos are followed by other incarnations.</summary>
internal sealed class GrainCluster : IAsyncDisposable
{
    /// <summary>The user of a test that needs only one.</summary>
    public const string User = "user-1";

    /// <summary>How long a test waits for what must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClusterSetup _setup;
    private readonly ConcurrentDictionary<string, SiloLine> _lines = new(StringComparer.Ordinal);
    private InProcessTestCluster? _cluster;
    private CommitWatch? _commits;

    private GrainCluster(TestDatabase database, ClusterSetup setup)
    {
        Database = database;
        _setup = setup;
        Runs = new RunStore(new Database(database.DataSource));
        Ledger = new LedgerStore(new Database(database.DataSource), new LedgerOptions());
    }

    public TestDatabase Database { get; }

    public TestBlocks Blocks { get; } = new();

    public WatchedCalls Calls { get; } = new();

    public TestLog Log { get; } = new();

    public Faults Faults { get; } = new();

    public TestTask Tasks { get; } = new();

    public TestIds Ids { get; } = new();

    /// <summary>The rows, read without the silo.</summary>
    public RunStore Runs { get; }

    /// <summary>The ledger, read without the silo.</summary>
    public LedgerStore Ledger { get; }

    /// <summary>The silo's services.</summary>
    public IServiceProvider Services => Running.GetSiloServiceProvider();

    public IGrainFactory Grains => Running.Client;

    public InProcessTestCluster Running => _cluster ?? throw new InvalidOperationException("No silo runs.");

    public static async Task<GrainCluster> StartAsync(ClusterSetup? setup = null)
    {
        var cluster = new GrainCluster(await TestDatabase.CreateAsync(TestContext.Current.CancellationToken), setup ?? new ClusterSetup());
        await cluster.DeployAsync();
        return cluster;
    }

    /// <summary>Cancels the first attempt at the first node execution of a run, as a stop of the run would.</summary>
    /// <returns>False when it is not under way.</returns>
    public Task<bool> CancelFirstNodeAsync(Guid runId)
    {
        var id = NodeExecutionIds.Derive(runId, 0);
        return Grains.GetGrain<INodeExecutionGrain>(id).Find(new AttemptKey { NodeExecutionId = id, Attempt = 1 }, cancel: true);
    }

    /// <summary>A cluster on a database with rows, which is disposed with it. No silo runs before <see cref="RecoverAsync"/>.</summary>
    public static GrainCluster On(TestDatabase database, ClusterSetup setup) => new(database, setup);

    public IGraphExecutionGrain Run(Guid runId) => Grains.GetGrain<IGraphExecutionGrain>(runId);

    public IUserWalletGrain Wallet(string user = User) => Grains.GetGrain<IUserWalletGrain>(user);

    /// <summary>A builder of a graph with an id of its own.</summary>
    public AgentBuilder NewAgent(string name = "Agent") => new(Ids.NewId(), name);

    /// <summary>Stores graphs, the first with those that it runs.</summary>
    public Task StoreAsync(params Graph[] graphs) => StoreAsAsync(User, graphs);

    public async Task StoreAsAsync(string user, params Graph[] graphs)
    {
        var result = await Grains.GetGrain<IGraphGrain>(Guid.Parse(graphs[0].Id)).Create(new CreateGraph
        {
            UserId = user,
            Documents = [.. graphs.Select(graph => JsonPayload.Wrap(GraphDocument.Write(graph)))],
        });
        Assert.Empty(result.Problems);
    }

    /// <summary>The command that runs a graph.</summary>
    public static StartRun Command(Graph graph, object? inputs = null, string user = User) => new()
    {
        UserId = user,
        GraphId = Guid.Parse(graph.Id),
        GraphVersion = graph.Version,
        Inputs = JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(inputs ?? new { })),
    };

    /// <summary>Starts a run of a stored graph.</summary>
    public async Task<Guid> StartRunAsync(Graph graph, object? inputs = null, string user = User)
    {
        var runId = Ids.NewId();
        var result = await Run(runId).Start(Command(graph, inputs, user));
        Assert.Equal([], result.Problems.Select(problem => problem.Message));
        Assert.True(result.Accepted);
        return runId;
    }

    /// <summary>Stores a graph, runs it and waits for its end.</summary>
    public async Task<RunView> RunToEndAsync(Graph graph, object? inputs = null)
    {
        await StoreAsync(graph);
        return await EndOfAsync(await StartRunAsync(graph, inputs));
    }

    /// <summary>The run as it is now.</summary>
    public async Task<RunView> ViewAsync(Guid runId) => new(
        await Runs.FindAsync(runId, CancellationToken.None) ?? throw new InvalidOperationException($"There is no run {runId}."),
        await Runs.NodeExecutionsAsync(runId, int.MaxValue, CancellationToken.None));

    /// <summary>Waits for the end of a run.</summary>
    public Task<RunView> EndOfAsync(Guid runId) => UntilAsync(runId, run => run.HasEnded, "to end");

    /// <summary>Waits until the committed state of a run is as asked for, looking at it after each commit.</summary>
    public async Task<RunView> UntilAsync(Guid runId, Func<RunView, bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        var user = (await ViewAsync(runId)).Row.UserId;
        while (true)
        {
            var committed = await NextCommitAsync(user);
            var run = await ViewAsync(runId);
            if (condition(run)) return run;
            try
            {
                await committed.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"Waited in vain for a run {what}: {run}\n{Log}", exception);
            }
        }
    }

    /// <summary>A task that completes after the next commit of a user's runs.</summary>
    public Task<Task> NextCommitAsync(string user = User) => (_commits ?? throw new InvalidOperationException("No silo runs, or nobody listens to it.")).NextAsync(user);

    /// <summary>The kinds of the events of a run, in the order of its log.</summary>
    public async Task<IReadOnlyList<string>> KindsAsync(Guid runId) => [.. (await EventsAsync(runId)).Select(logged => logged.Kind)];

    /// <summary>The log of a run.</summary>
    public async Task<IReadOnlyList<LoggedEvent>> EventsAsync(Guid runId)
    {
        var events = new List<LoggedEvent>();
        await foreach (var logged in Services.GetRequiredService<IExecutionLog>().ReadAsync(runId, 0, CancellationToken.None)) events.Add(logged);
        return events;
    }

    /// <summary>Every ledger row of a user, oldest first.</summary>
    public async Task<IReadOnlyList<LedgerRow>> LedgerOfAsync(string user = User) =>
        [.. (await Ledger.HistoryAsync(user, new LedgerQuery { Limit = int.MaxValue }, CancellationToken.None)).OrderBy(row => row.Sequence)];

    /// <summary>The charges of a user: transaction key and credits, oldest first.</summary>
    public async Task<IReadOnlyList<(string Key, long Credits)>> ChargesAsync(string user = User) =>
        [.. (await LedgerOfAsync(user)).Where(row => row.Type == LedgerType.Usage).Select(row => (row.TransactionKey, -row.Amount))];

    /// <summary>Ends all silos as a crash would: nothing that one still does arrives anywhere.</summary>
    public async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _cluster, null) is not { } cluster) return;
        foreach (var line in _lines.Values) line.Cut();
        _lines.Clear();
        if (Interlocked.Exchange(ref _commits, null) is { } commits) await commits.DisposeAsync();
        foreach (var silo in cluster.Silos.ToList()) await cluster.KillSiloAsync(silo);
        await cluster.DisposeAsync();
    }

    /// <summary>Ends one silo as a crash would; the others stay.</summary>
    public async Task KillSiloAsync(string silo)
    {
        var handle = Running.Silos.Single(handle => handle.SiloAddress.ToParsableString() == silo);
        if (_lines.TryRemove(handle.Name, out var line)) line.Cut();
        await Running.KillSiloAsync(handle);
        // The votes of the others, without the time that their probes take.
        await ServicesOf(SiloNames[0]).GetRequiredService<IClusterMembershipService>().TryKill(handle.SiloAddress);
    }

    /// <summary>Starts one more silo.</summary>
    /// <returns>Its name in the log.</returns>
    public async Task<string> AddSiloAsync() => (await Running.StartAdditionalSiloAsync()).SiloAddress.ToParsableString();

    /// <summary>The names of all silos in the log.</summary>
    public IReadOnlyList<string> SiloNames => [.. Running.Silos.Select(silo => silo.SiloAddress.ToParsableString())];

    /// <summary>The services of one silo.</summary>
    public IServiceProvider ServicesOf(string silo) => Running.GetSiloServiceProvider(SiloAddress.FromParsableString(silo));

    /// <summary>Ends the activation of a run and opens the run on another silo.</summary>
    public async Task MoveRunAsync(Guid runId, string silo)
    {
        // A silo that remembers the old place opens the run there again, whatever the hint; so each silo gets its turn to call.
        for (var i = 0; i < 30 && SiloOfRun(runId) != silo; i++)
        {
            await Running.DeactivateAsync(Run(runId));
            RequestContext.Set(IPlacementDirector.PlacementHintKey, SiloAddress.FromParsableString(silo));
            await ServicesOf(SiloNames[i % SiloNames.Count]).GetRequiredService<IClusterClient>().GetGrain<IGraphExecutionGrain>(runId).Resume();
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }

        Assert.Equal(silo, SiloOfRun(runId));
    }

    /// <summary>The silo of the activation of a run, or null when it has none.</summary>
    public string? SiloOfRun(Guid runId) =>
        Running.TryGetGrainContext(Run(runId).GetGrainId(), out var context) ? context.Address.SiloAddress?.ToParsableString() : null;

    /// <summary>Starts another incarnation on the same database, after the one before it was killed. Nobody looks for what that left.</summary>
    public Task RestartAsync() => DeployAsync();

    /// <summary>Starts another incarnation on the same database, after the one before it was killed, and recovers what that left.</summary>
    public async Task<IReadOnlyList<RunSummary>> RecoverAsync()
    {
        await RestartAsync();
        return await Services.GetRequiredService<RunRecovery>().ResumeAllAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Faults.OnAppend = null;
        await KillAsync();
        await Database.DisposeAsync();
    }

    private async Task DeployAsync()
    {
        var builder = new InProcessTestClusterBuilder(_setup.Silos);
        builder.Options.ServiceId = OrleansWiring.ServiceId;
        builder.ConfigureSiloHost((_, host) => host.Logging.AddProvider(Log));
        builder.ConfigureSilo((options, silo) =>
        {
            var line = _lines[options.SiloName] = new SiloLine(options.SiloName);
            silo.AddOutgoingGrainCallFilter(line);
            silo.AddIncomingGrainCallFilter(line);
            AddServices(silo.Services, line);
            // It would tick on the clock of the grains, at a random time, among the timers that a test waits for.
            silo.Configure<DeploymentLoadPublisherOptions>(publisher => publisher.DeploymentLoadPublisherRefreshTime = TimeSpan.Zero);
            // The default reserves a table of 8 MB for each silo.
            silo.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = 1000);
            OrleansWiring.AddStateAndReminders(silo, Database.ConnectionString);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        if (!_setup.Listens) return;
        _commits = new CommitWatch(_cluster.Client);
        await _commits.SubscribeAsync(User);
    }

    private void AddServices(IServiceCollection services, SiloLine line)
    {
        _setup.Services?.Invoke(services);
        services.AddSingleton<IIncomingGrainCallFilter>(Calls);
        services.AddSingleton(_setup.Clock);
        services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
        if (_setup.ReminderClock is { } clock) services.AddKeyedSingleton(ReminderTimeProviderNames.Reminders, clock);
        services.TryAddSingleton<ILogTransport>(provider => new CutOffTransport(ActivatorUtilities.CreateInstance<NpgsqlLogTransport>(provider), line, Faults));
        services.AddSingleton<IIdSource>(Ids);
        services.AddSingleton<IExecutionLog>(provider => new FaultyLog(ActivatorUtilities.CreateInstance<ExecutionLog>(provider), provider.GetRequiredService<ExecutionLogOptions>(), Faults, line));
        services.AddSingleton<ILedgerStore>(provider => new FaultyLedger(ActivatorUtilities.CreateInstance<LedgerStore>(provider), Faults, line));
        services.AddSingleton<IRunStore>(provider => new FaultyRuns(ActivatorUtilities.CreateInstance<RunStore>(provider), Faults, line));
        services.AddSingleton<IBlockCatalogue>(Blocks);
        services.AddSingleton<IBlockRegistry>(Blocks);
        services.TryAddSingleton(NoWorld.Surroundings(_setup.Clock));
        services.TryAddSingleton(provider => provider.GetRequiredService<BlockServices>().Http);
        services.AddGrainflowStorage(Database.ConnectionString);
        services.AddGrainflowGrains();
        if (_setup.Supervises) services.AddGrainflowSupervision();
        if (_setup.HasTasks)
        {
            services.AddSingleton<ISystemTaskStore>(provider => new WatchedTasks(ActivatorUtilities.CreateInstance<SystemTaskStore>(provider), Tasks, line));
            services.AddSingleton<IExpiredFiles>(Tasks);
            services.AddSingleton<ISystemTask>(Tasks);
            services.AddGrainflowSystemTasks();
            services.Configure<SystemTaskOptions>(options =>
            {
                options.Enabled = false;
                _setup.Tasks?.Invoke(options);
            });
        }

        services.Configure<GrainflowOptions>(options =>
        {
            // A test waits for no back-off unless it is about one.
            options.RunLimits = options.RunLimits with { SecondAttemptDelay = TimeSpan.Zero, LaterAttemptDelay = TimeSpan.Zero };
            options.SupervisionInterval = TimeSpan.FromMilliseconds(250);
            _setup.Options?.Invoke(options);
        });
        services.Configure<ExecutionLogOptions>(options => _setup.LogOptions?.Invoke(options));
        _setup.Steps?.Watch(services, line);
    }
}
