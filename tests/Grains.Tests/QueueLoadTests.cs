using System.Diagnostics;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

public sealed class QueueLoadTests(ITestOutputHelper output)
{
    private const int Queued = 10_000;
    private const int Starts = 15;
    private const int Rounds = 5;

    /// <summary>What the measurement itself varies by on a busy machine.</summary>
    private static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Ten_thousand_queued_runs_of_a_user_do_not_delay_the_start_of_another()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var (held, others) = (QueueTests.Gated(cluster), QueueTests.Gated(cluster));
        await cluster.StoreAsync(held);
        await cluster.StoreAsAsync("user-2", others);
        cluster.Blocks.Gate("open").Open();
        await MedianStartAsync(cluster, others);
        var idle = await MedianStartAsync(cluster, others);

        var first = await cluster.StartRunAsync(held, new { gate = "g" });
        await cluster.Blocks.Gate("g").ArrivalAsync();
        await CopyQueuedAsync(cluster, first);
        // The queue reads its runs when it is activated.
        await cluster.Running.DeactivateAsync(cluster.Grains.GetGrain<IExecutionQueueGrain>(GrainCluster.User));
        await cluster.StartRunAsync(held, new { gate = "g" });
        for (var i = 1; i < 25; i++) await cluster.Blocks.Gate("g").ArrivalAsync();
        // The first rounds still measure what storing that many rows at once does to the database.
        var loaded = TimeSpan.MaxValue;
        for (var i = 0; i < Rounds; i++) loaded = TimeSpan.FromTicks(Math.Min(loaded.Ticks, (await MedianStartAsync(cluster, others)).Ticks));

        output.WriteLine($"Idle {idle.TotalMilliseconds:0.0} ms, with {Queued} queued runs of another user {loaded.TotalMilliseconds:0.0} ms.");
        Assert.True(loaded <= (2 * idle) + Noise, $"A start took {idle.TotalMilliseconds:0.0} ms, and {loaded.TotalMilliseconds:0.0} ms beside the queued runs.");
    }

    /// <summary>The time from the request to the start of the first block.</summary>
    private static async Task<TimeSpan> MedianStartAsync(GrainCluster cluster, Engine.Graphs.Graph agent)
    {
        var times = new List<TimeSpan>();
        for (var i = 0; i < Starts; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await cluster.StartRunAsync(agent, new { gate = "open" }, "user-2");
            await cluster.Blocks.Gate("open").ArrivalAsync();
            times.Add(Stopwatch.GetElapsedTime(started));
        }

        return times.Order().ElementAt(Starts / 2);
    }

    /// <summary>Stores as many queued runs as copies of one that has just begun.</summary>
    private static async Task CopyQueuedAsync(GrainCluster cluster, Guid run)
    {
        await using var command = cluster.Database.DataSource.CreateCommand(
            """
            WITH copies AS (
              INSERT INTO runs (id, user_id, graph_id, graph_version, status, inputs, spec, root_run_id, created_at, queued_at)
              SELECT copy, user_id, graph_id, graph_version, 'QUEUED', inputs, replace(spec::text, id::text, copy::text)::json, copy, created_at + n * interval '1 ms', queued_at
              FROM runs, (SELECT n, gen_random_uuid() AS copy FROM generate_series(1, $2) n) copies WHERE id = $1
              RETURNING id
            )
            INSERT INTO run_head (run_id, epoch, last_seq, status) SELECT id, 0, 0, 'QUEUED' FROM copies
            """);
        command.Parameters.AddWithValue(run);
        command.Parameters.AddWithValue(Queued);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        // As the server does by itself after a moment.
        await using var analyze = cluster.Database.DataSource.CreateCommand("ANALYZE runs; ANALYZE run_head");
        await analyze.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
