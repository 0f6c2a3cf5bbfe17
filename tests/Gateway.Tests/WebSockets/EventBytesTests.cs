using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Gateway.WebSockets;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Tests.WebSockets;

/// <summary>What the events of a large run take, in bytes.</summary>
public sealed class EventBytesTests
{
    private static readonly LiveOptions Defaults = new();

    [Fact]
    public void Events_of_a_list_of_ten_thousand_items_take_bytes_in_proportion_to_the_items()
    {
        var (half, all) = (BytesOfList(5_000), BytesOfList(10_000));

        Assert.InRange((double)all / half, 1.9, 2.1);
        Assert.InRange(all / 10_000, 1, 20_000);
    }

    [Fact]
    public void A_brief_event_says_what_it_leaves_out_and_the_last_one_is_complete_again()
    {
        var run = new RecordedRun(new LiveGraph(RecordedRun.GraphId).Step("step", $$"""{"text": "{{new string('t', 5000)}}"}""")).Start();
        for (var i = 0; i < 30; i++) run.Report("step", [("value", $"\"{i}{new string('x', 300)}\"")], end: null);
        run.Report("step", [("value", "30")]);

        var events = run.Events.Where(liveEvent => liveEvent.TryGetProperty("node_id", out _)).ToList();
        var (complete, brief, last) = (events[19], events[^2], events[^1]);
        Assert.False(complete.TryGetProperty("output_data_omitted", out _) || complete.TryGetProperty("input_data_shortened", out _));
        Assert.Equal(31 - brief.GetProperty("output_data").GetProperty("value").GetArrayLength(), brief.GetProperty("output_data_omitted").GetInt32());
        Assert.Equal(30, brief.GetProperty("output_data").GetProperty("value").EnumerateArray().Last().GetInt32());
        Assert.True(brief.GetProperty("input_data_shortened").GetBoolean());
        Assert.Contains("omitted", brief.GetProperty("input_data").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(["event_type", "input_data_shortened", "output_data_omitted", "seq"], brief.EnumerateObject().Select(member => member.Name).TakeLast(4));
        Assert.Equal(31, last.GetProperty("output_data").GetProperty("value").GetArrayLength());
        Assert.Equal(5000, last.GetProperty("input_data").GetProperty("text").GetString()!.Length);
    }

    [Fact]
    public void A_run_with_many_steps_says_what_its_events_leave_out_and_ends_complete()
    {
        var graph = new LiveGraph(RecordedRun.GraphId).Input("text").Step("many").Output("out").Link("text.result", "many.value").Link("many.value", "out.value");
        var run = new RecordedRun(graph, $$"""{"text": "{{new string('t', 5000)}}"}""").Start().Report("text", [("result", "1")]);
        run.Report("many", [.. Enumerable.Range(0, 40).Select(i => ("value", $"\"{i}{new string('x', 300)}\""))]);
        for (var i = 0; i < 40; i++) run.Report("out", [("output", "1")]);

        var events = run.Events.Where(liveEvent => !liveEvent.TryGetProperty("node_id", out _)).ToList();
        var (brief, last) = (events[^2], events[^1]);
        Assert.True(brief.GetProperty("inputs_shortened").GetBoolean());
        Assert.Equal(40 - brief.GetProperty("outputs").GetProperty("out").GetArrayLength(), brief.GetProperty("outputs_omitted").GetInt32());
        Assert.Equal("COMPLETED", last.GetProperty("status").GetString());
        Assert.Equal((40, 5000), (last.GetProperty("outputs").GetProperty("out").GetArrayLength(), last.GetProperty("inputs").GetProperty("text").GetString()!.Length));
    }

    [Fact]
    public void Brief_events_of_a_node_with_an_object_of_ten_thousand_members_stay_small()
    {
        var members = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"\"member{i}\": {i}"));
        var run = new RecordedRun(new LiveGraph(RecordedRun.GraphId).Step("step", $$"""{"items": { {{members}} } }""")).Start();
        for (var i = 0; i < 30; i++) run.Report("step", [("value", "1")], end: null);

        var brief = run.Events[^1];
        Assert.InRange(brief.GetRawText().Length, 1, 3000);
        Assert.True(brief.GetProperty("input_data_shortened").GetBoolean());
        Assert.Equal(0, brief.GetProperty("input_data").GetProperty("items").GetProperty("member0").GetInt32());
    }

    /// <summary>The bytes of all events of a run that takes a list apart, computes something for each item and gives a result for each.</summary>
    private static long BytesOfList(int items)
    {
        var graph = new LiveGraph(RecordedRun.GraphId).Input("list").Step("each").Step("step").Output("out").Link("list.result", "each.value").Link("each.item", "step.value").Link("step.value", "out.value");
        var index = new GraphIndex(graph.Build(), new LiveBlocks());
        var list = JsonValues.Array(Enumerable.Range(0, items).Select(i => JsonValues.From(i)));
        var inputs = ImmutableDictionary<string, JsonElement>.Empty.Add("list", list);
        var spec = RunPlanner.Plan(index, new RunRequest { RunId = RecordedRun.Id, UserId = "user", At = RecordedRun.Begin, Inputs = inputs });
        var run = new GraphRun(index, spec, new RunLimits { MaxNodeExecutions = int.MaxValue });
        var projection = new RunProjection(new ProjectedRun(index, spec, JsonValues.Object(inputs), null, null), Defaults.EventLimits);
        var writer = new EventWriter(Options.Create(Defaults));
        var (bytes, sequence, now) = (0L, 0L, RecordedRun.Begin);

        Show(projection.Beginning);
        run.Apply(new RunEvent.Started(now));
        Project([new RunEvent.Started(now)]);
        while (!run.Status.IsFinal())
        {
            Project(run.Decide(now, new RunOwner("host", 0)));
            if (run.InFlight.MinBy(execution => execution.Ordinal) is not { } execution) continue;
            List<(string Pin, JsonElement Value)> outputs = execution.NodeId switch
            {
                "list" => [("result", list)],
                "each" => [.. list.EnumerateArray().Select(item => ("item", item))],
                "step" => [("value", execution.Input["value"])],
                _ => [("output", execution.Input["value"])],
            };
            Project(run.Report(new NodeReport(execution.Id, 1, 0, outputs, new NodeEnd(ExecutionStatus.Completed, null, 0, OutOfCredits: false, NodeStats.None)), now).Events);
        }

        Assert.Equal(items, run.Stats.NodeExecCount / 2 - 1);
        return bytes;

        void Project(IEnumerable<RunEvent> runEvents)
        {
            foreach (var runEvent in runEvents) Show(projection.Apply(++sequence, runEvent));
        }

        void Show(IEnumerable<ProjectedEvent> events) => bytes += events.Sum(projected => (long)writer.Write(projection, projected).Length);
    }
}
