using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Interfaces.Scheduling;
using Grainflow.Grains.Tests.CrashPoints;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Scheduling;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Grains.Tests.Scheduling;

/// <summary>Schedules on a test cluster whose clock the test moves. Nothing ticks unless the test says so.</summary>
internal sealed class ScheduleCluster : IAsyncDisposable
{
    private ScheduleCluster(ManualClock clock, GrainCluster grains)
    {
        Clock = clock;
        Grains = grains;
        Store = new ScheduleStore(new Database(grains.Database.DataSource));
    }

    /// <summary>A Thursday, 2026-01-15 12:00 UTC.</summary>
    public ManualClock Clock { get; }

    public GrainCluster Grains { get; }

    /// <summary>The rows, read without a silo.</summary>
    public ScheduleStore Store { get; }

    /// <summary>Called before (false) and after (true) each call of the store of schedules.</summary>
    public Action<string, bool>? OnStore { get; set; }

    public static async Task<ScheduleCluster> StartAsync(short silos = 1, Action<IServiceCollection>? services = null)
    {
        var clock = new ManualClock();
        ScheduleCluster? schedules = null;
        var grains = await GrainCluster.StartAsync(new ClusterSetup
        {
            Clock = clock,
            Silos = silos,
            Services = collection =>
            {
                collection.AddSingleton(provider => Watched.Of<IScheduleStore>(ActivatorUtilities.CreateInstance<ScheduleStore>(provider), (name, after) => schedules?.OnStore?.Invoke(name, after)));
                services?.Invoke(collection);
            },
        });
        return schedules = new ScheduleCluster(clock, grains);
    }

    /// <summary>An agent with one step.</summary>
    public async Task<Graph> AgentAsync(string constants = "{}")
    {
        var agent = Grains.NewAgent().Node("step", TestBlocks.Step, constants).Build();
        await Grains.StoreAsync(agent);
        return agent;
    }

    /// <summary>Creates a schedule.</summary>
    public async Task<Guid> CreateAsync(Graph agent, string cron, Func<ScheduleDefinition, ScheduleDefinition>? with = null)
    {
        var id = Grains.Ids.NewId();
        var definition = new ScheduleDefinition { GraphId = Guid.Parse(agent.Id), Name = "schedule", Cron = cron, Dialect = "standard" };
        var answer = await Grain(id).Create(GrainCluster.User, with?.Invoke(definition) ?? definition);
        Assert.Equal([], answer.Problems.Select(problem => $"{problem.Field}: {problem.Message}"));
        Assert.Equal(ScheduleVerdict.Done, answer.Verdict);
        return id;
    }

    public IScheduleGrain Grain(Guid id) => Grains.Grains.GetGrain<IScheduleGrain>(id);

    public IScheduleShardGrain Shard(Guid id) => Grains.Grains.GetGrain<IScheduleShardGrain>(id.ToByteArray(bigEndian: true)[3] & 63);

    public async Task<ScheduleRow> RowAsync(Guid id) => await Store.FindAsync(id, CancellationToken.None) ?? throw new InvalidOperationException($"There is no schedule {id}.");

    /// <summary>Moves the clock and lets the shard of a schedule tick.</summary>
    public Task<int> TickAsync(Guid id, TimeSpan after = default)
    {
        Clock.Advance(after);
        return Shard(id).Tick();
    }

    /// <summary>The history, oldest occurrence first: time of day, status, and why.</summary>
    public async Task<IReadOnlyList<string>> HistoryAsync(Guid id) =>
        [.. (await RecordsAsync(id)).Select(record => $"{record.Firing.Occurrence:HH:mm} {record.Firing.State.ToString().ToLowerInvariant()}{(record.Firing.Reason is { } reason ? $": {reason}" : "")}")];

    public async Task<IReadOnlyList<FiringRecord>> RecordsAsync(Guid id) =>
        [.. (await Store.HistoryAsync(new FiringFilter(GrainCluster.User, [id], Limit: 100_000), CancellationToken.None)).OrderBy(record => record.Firing.Occurrence).ThenBy(record => record.Firing.CreatedAt)];

    /// <summary>What the owners of schedules are told, oldest first.</summary>
    public async Task<IReadOnlyList<(string Type, string User, JsonElement Data)>> EventsAsync()
    {
        var rows = new List<(string, string, JsonElement)>();
        await using var command = Grains.Database.DataSource.CreateCommand("SELECT type, user_id, data::text FROM notification_events WHERE user_id IS NOT NULL ORDER BY created_at, key");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) rows.Add((reader.GetString(0), reader.GetString(1), JsonElement.Parse(reader.GetString(2))));
        return rows;
    }

    /// <summary>Changes rows as nobody but a test does.</summary>
    public async Task SqlAsync(string sql)
    {
        await using var command = Grains.Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => Grains.DisposeAsync();
}
