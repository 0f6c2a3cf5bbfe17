using Grainflow.Storage.Execution;
using Grainflow.Storage.Hosting;
using Grainflow.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainflow.Storage.Tests.Execution;

/// <summary>An execution log on a test's database, with runs to write to.</summary>
internal sealed class LogHarness : IAsyncDisposable
{
    private readonly DatabaseFixture _fixture;

    public LogHarness(DatabaseFixture fixture, Func<ILogTransport, ILogTransport>? wrap = null, Action<ExecutionLogOptions>? configure = null, int lane = 0)
    {
        _fixture = fixture;
        var options = new ExecutionLogOptions();
        configure?.Invoke(options);
        ILogTransport transport = new NpgsqlLogTransport(fixture.Source, options, new WriterLane(lane));
        // A test without faults does not move the clock: on it, the pause after an unexpected error of the database would not end.
        TimeProvider clock = wrap is null ? TimeProvider.System : Clock;
        Log = new ExecutionLog(fixture.Source, wrap?.Invoke(transport) ?? transport, options, clock, Tails, NullLogger<ExecutionLog>.Instance);
        Runs = new RunStore(fixture.Source);
    }

    /// <summary>The clock of a log whose transport is wrapped.</summary>
    public ManualClock Clock { get; } = new();

    public LogTails Tails { get; } = new();

    public ExecutionLog Log { get; }

    public RunStore Runs { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => Log.DisposeAsync();

    /// <summary>Creates a run and opens it.</summary>
    public async Task<TestRun> RunAsync(string? user = null)
    {
        var run = await CreateAsync(user);
        Assert.NotNull(await run.OpenAsync());
        return run;
    }

    /// <summary>Creates a run.</summary>
    public async Task<TestRun> CreateAsync(string? user = null)
    {
        var run = new TestRun(this, _fixture.NextId(), user ?? _fixture.NextUser());
        Assert.Equal(RunCreation.Created, await Runs.CreateAsync(run.New(), [], Token));
        return run;
    }

    public Guid NextId() => _fixture.NextId();

    public async Task<List<LoggedEvent>> EventsAsync(Guid runId, long after = 0)
    {
        var events = new List<LoggedEvent>();
        await foreach (var logged in Log.ReadAsync(runId, after, Token))
            events.Add(logged);
        return events;
    }
}
