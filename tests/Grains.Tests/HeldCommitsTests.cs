using System.Globalization;
using Grainflow.Grains.Tests.Support;

namespace Grainflow.Grains.Tests;

/// <summary>Commits of effect-free steps are held back while nobody waits for them (ADR 0014).</summary>
public sealed class HeldCommitsTests
{
    private const int Steps = 10;

    [Fact]
    public async Task A_chain_of_ten_takes_three_commits_however_slow_its_steps_are()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup
        {
            Listens = false,
            LogOptions = options =>
            {
                options.ExecutionCostPerThreshold = 0;
                options.MaxHold = TimeSpan.FromMinutes(5);
            },
        });
        var builder = cluster.NewAgent();
        for (var i = 0; i < Steps; i++)
        {
            builder.Node(Name(i), TestBlocks.PureStep, $$"""{"gate": "{{Name(i)}}"}""");
            if (i > 0) builder.Link($"{Name(i - 1)}.value", $"{Name(i)}.value");
        }

        var agent = builder.Build();
        await cluster.StoreAsync(agent);
        // Whether anybody listens is known from the first run on.
        var first = cluster.NewAgent().Node("step", TestBlocks.PureStep, """{"value": 1}""").Build();
        await cluster.StoreAsync(first);
        await EndAsync(cluster, first);
        var ended = EndOf(cluster);

        var runId = await cluster.StartRunAsync(agent);
        for (var i = 0; i < Steps; i++)
        {
            await cluster.Blocks.Gate(Name(i)).ArrivalAsync();
            cluster.Blocks.Gate(Name(i)).Open();
        }

        await ended.WaitAsync(GrainCluster.Patience);
        var run = await cluster.ViewAsync(runId);

        Assert.Equal("COMPLETED", run.Status);
        // Its beginning and all the rest. The run itself was stored by one more.
        Assert.Equal(2, cluster.Faults.WritesOf(runId));
    }

    private static string Name(int step) => "n" + step.ToString(CultureInfo.InvariantCulture);

    private static async Task EndAsync(GrainCluster cluster, Engine.Graphs.Graph agent)
    {
        var ended = EndOf(cluster);
        await cluster.StartRunAsync(agent);
        await ended.WaitAsync(GrainCluster.Patience);
    }

    /// <summary>Completes when the end of a run is durable.</summary>
    private static Task EndOf(GrainCluster cluster)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Faults.OnAppend = async (commit, append) =>
        {
            var result = await append();
            if (commit.Events.Any(logged => logged.Kind == "run_ended")) ended.TrySetResult();
            return result;
        };
        return ended.Task;
    }
}
