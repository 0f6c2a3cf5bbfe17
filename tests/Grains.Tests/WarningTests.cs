using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Grains.Tests.Support;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Tests;

/// <summary>The statistics of a run name what it lost.</summary>
public sealed class WarningTests
{
    [Fact]
    public async Task A_run_without_losses_has_an_empty_list()
    {
        await using var cluster = await GrainCluster.StartAsync();

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("a", TestBlocks.Step, """{"value": 1}""").Build());

        Assert.Equal("[]", Warnings(run).GetRawText());
        Assert.False(run.Stats.TryGetProperty("warnings_omitted", out _) || run.Stats.TryGetProperty("leftover_count", out _));
    }

    [Fact]
    public async Task A_node_that_never_ran_is_named_with_what_it_waited_for()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var agent = cluster.NewAgent().Node("gives", TestBlocks.Stream, """{"count": 3}""").Node("fails", TestBlocks.Failing, """{"message": "no luck"}""").Node("both", TestBlocks.Step)
            .Link("gives.value", "both.value").Link("fails.value", "both.other").Build();

        var run = await cluster.RunToEndAsync(agent);

        Assert.Equal("COMPLETED", run.Status);
        Assert.Equal("never_ran both [\"other\"] 3", Assert.Single(Warnings(run).EnumerateArray().Select(Short)));
    }

    [Fact]
    public async Task Failures_and_losses_of_sub_agents_reach_the_run_at_the_top_with_their_path()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var inner = cluster.NewAgent("Inner").Node("gives", TestBlocks.Step, """{"value": 1}""").Node("fails", TestBlocks.Failing, """{"message": "no luck"}""").Node("both", TestBlocks.Step)
            .Link("gives.value", "both.value").Link("fails.value", "both.other").Build();
        var middle = cluster.NewAgent("Middle").Agent("call", inner).Build();
        var outer = cluster.NewAgent("Outer").Agent("top", middle).Build();
        await cluster.StoreAsync(outer, middle, inner);

        var run = await cluster.EndOfAsync(await cluster.StartRunAsync(outer));

        Assert.Equal(("COMPLETED", 0), (run.Status, run.Stat("node_error_count")));
        var warnings = Warnings(run).EnumerateArray().ToList();
        Assert.Equal(["node_failed top", "never_ran top [\"other\"] 1"], warnings.Select(Short));
        Assert.All(warnings, warning => Assert.Equal(["Middle", "Inner"], warning.GetProperty("path").EnumerateArray().Select(step => step.GetProperty("agent").GetString())));
        Assert.Equal(["call", "fails"], warnings[0].GetProperty("path").EnumerateArray().Select(step => step.GetProperty("node_id").GetString()));
        Assert.Contains("no luck", warnings[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("Node fails (Failing) in sub-agent 'Middle' > 'Inner' of node top (Agent Executor) failed: ", warnings[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TestBlocks.Stream, """{"count": 1, "bytes": 1000}""")]
    [InlineData(HeldComputation.Id, """{"value": "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"}""")]
    public async Task An_output_that_passes_a_limit_is_named(string block, string constants)
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.RunLimits = options.RunLimits with { MaxOutputBytes = 100 } });

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("large", block, constants).Build());

        var warning = Assert.Single(Warnings(run).EnumerateArray());
        Assert.Equal("output_refused large", Short(warning));
        Assert.Equal(("""["value"]""", 1), (warning.GetProperty("output_pins").GetRawText(), warning.GetProperty("output_count").GetInt32()));
        Assert.Contains("MAX_OUTPUT_BYTES", warning.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outputs_that_the_database_refuses_are_counted()
    {
        await using var cluster = await GrainCluster.StartAsync();
        cluster.Faults.OnAppend = (commit, append) =>
            commit.Events.Any(logged => logged.Output is { Pin: "value" } output && output.Value.Span.IndexOf("poison"u8) >= 0)
                ? Task.FromResult(new CommitResult(CommitOutcome.Rejected, [], "too strange"))
                : append();

        var run = await cluster.RunToEndAsync(cluster.NewAgent().Node("bad", TestBlocks.Step, """{"value": "poison"}""").Build());

        Assert.Equal(("COMPLETED", "FAILED"), (run.Status, run.The("bad").Row.Status));
        var warning = Assert.Single(Warnings(run).EnumerateArray());
        Assert.Equal(("output_refused bad", 1), (Short(warning), warning.GetProperty("output_count").GetInt32()));
        Assert.Equal("Node bad (Step) lost 1 output on 'value': An output could not be stored: too strange", warning.GetProperty("message").GetString());
    }

    [Fact]
    public async Task An_interrupted_run_ends_with_the_same_warnings_Crash()
    {
        await using var cluster = await GrainCluster.StartAsync(new ClusterSetup { Options = options => options.SnapshotEvery = 10 });
        var agent = cluster.NewAgent().Node("gives", TestBlocks.Stream, """{"count": 20}""").Node("large", TestBlocks.Step, """{"value": 1, "gate": "g"}""").Node("both", TestBlocks.Step)
            .Link("gives.value", "both.value").Link("large.nothing", "both.other").Build();

        await cluster.StoreAsync(agent);
        var runId = await cluster.StartRunAsync(agent);
        await cluster.UntilAsync(runId, run => run.Of("both").Count == 20, "in which all values wait");
        await cluster.KillAsync();
        await cluster.RecoverAsync();
        cluster.Blocks.Gate("g").Open();
        var run = await cluster.EndOfAsync(runId);

        Assert.Equal("never_ran both [\"other\"] 20", Assert.Single(Warnings(run).EnumerateArray().Select(Short)));
    }

    private static JsonElement Warnings(RunView run) => run.Stats.GetProperty("warnings");

    private static string Short(JsonElement warning) =>
        $"{warning.GetProperty("kind").GetString()} {warning.GetProperty("node_id").GetString()}"
        + (warning.Member("missing_pins") is { } pins ? $" {pins.GetRawText()} {warning.GetProperty("waiting_count").GetInt32()}" : "");
}
