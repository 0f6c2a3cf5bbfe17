using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Decision 36 and ADR 0037.</summary>
public sealed class DryRunTests
{
    [Fact]
    public void A_block_of_a_dry_run_is_free_has_no_effect_and_takes_no_credentials()
    {
        var block = FakeBlocks.Model with { Effect = BlockEffect.Irreversible, SensitiveAction = true, Waits = true, Costs = [new CostRule(5, CostType.Run, JsonValues.EmptyObject)] };

        var dry = DryRun.Of(block);

        Assert.True(dry is { EffectFree: true, Effect: BlockEffect.None, SensitiveAction: false, Waits: false, Costs: [] });
        Assert.All(dry.Inputs, pin => Assert.Null(pin.Credentials));
        Assert.False(dry.FindInput("credentials")!.Required);
        Assert.False(DryRun.Of(FakeBlocks.Agent).EffectFree);
        Assert.Equal(BlockKind.Standard, DryRun.Of(FakeBlocks.Of("Ask", "data:any", "approved:any", BlockKind.HumanInTheLoop)).Kind);
    }

    [Fact]
    public void Inputs_and_required_pins_without_a_value_get_samples_and_given_ones_stay()
    {
        var spec = Plan(
            new GraphBuilder().Node("given", FakeBlocks.Input, """{"name": "given"}""").Node("open", FakeBlocks.Input, """{"name": "open"}""").Node("constant", FakeBlocks.Input, """{"name": "c", "value": 3}""")
                .Node("adder", FakeBlocks.Adder).Node("fed", FakeBlocks.Adder).Link("given.result", "fed.a"),
            """{"given": 5}""");

        Assert.Equal("5", JsonValues.Compact(Start(spec, "given")["value"]));
        Assert.True(Start(spec, "open")["value"].ValueKind != System.Text.Json.JsonValueKind.Undefined);
        Assert.Equal("3", JsonValues.Compact(Start(spec, "constant")["value"]));
        Assert.True(Start(spec, "adder").ContainsKey("a"));
        Assert.False(spec.Masks.ContainsKey("fed"));
    }

    [Fact]
    public void Credentials_are_not_needed_and_those_that_are_named_are_not_looked_up()
    {
        var graph = new GraphBuilder().Node("m", FakeBlocks.Model, """{"prompt": "x"}""").Node("n", FakeBlocks.Model, """{"prompt": "x", "credentials": {"id": "gone", "provider": "p1", "type": "api_key"}}""");

        var spec = Plan(graph, "{}");

        Assert.True(spec.IsDryRun);
        Assert.Equal(2, spec.Starts.Length);
        Assert.Throws<GraphValidationException>(() => RunPlanner.Plan(graph.Index(), TestRun.Request()));
    }

    [Fact]
    public void What_cannot_run_for_another_reason_is_refused_as_in_any_run() =>
        Assert.Throws<GraphValidationException>(() => Plan(new GraphBuilder().Node("n", FakeBlocks.Step, """{"a_$_x": 1}"""), "{}"));

    [Fact]
    public void A_block_emits_on_every_pin_but_the_error_and_other_inputs_give_other_samples()
    {
        var block = FakeBlocks.Step with { OutputSchema = JsonValues.Parse("""{"properties": {"out": {"type": "string"}, "other": {"const": 1}, "error": {"type": "string"}}}""") };

        var outputs = DryRun.Outputs(block, JsonValues.Parse("""{"a": 1}""")).ToList();

        Assert.Equal(["out", "other"], outputs.Select(output => output.Pin));
        Assert.Equal(outputs.Select(Shown), DryRun.Outputs(block, JsonValues.Parse("""{"a": 1}""")).Select(Shown));
        Assert.NotEqual(Shown(outputs[0]), Shown(DryRun.Outputs(block, JsonValues.Parse("""{"a": 2}""")).First()));
    }

    private static string Shown((string Pin, System.Text.Json.JsonElement Value) output) => JsonValues.Compact(output.Value);

    private static PinValues Start(RunSpec spec, string node) => spec.Starts.Single(start => start.NodeId == node).Input;

    private static RunSpec Plan(GraphBuilder graph, string inputs) => RunPlanner.Plan(graph.Index(), TestRun.Request(inputs) with { IsDryRun = true });
}
