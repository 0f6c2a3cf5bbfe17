using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Gateway.Tests.WebSockets.Support;

namespace Grainflow.Gateway.Tests.WebSockets;

public sealed class EventWriterTests
{
    /// <summary>Members of newer versions of AutoGPT (contract: upstream 2a and 3).</summary>
    private static readonly string[] Origin = ["is_dry_run", "organization_id", "team_id", "expert_id", "trigger_source", "trigger_ref", "schedule_id", "webhook_id"];

    [Fact]
    public void A_graph_event_has_the_fields_of_the_contract_and_its_number()
    {
        var run = Echo("""{"text": "hello"}""");

        Assert.Equal(
            [
                "id", "user_id", "graph_id", "graph_version", "inputs", "credential_inputs", "nodes_input_masks", "preset_id", "status",
                "started_at", "ended_at", "is_shared", "share_token", .. Origin, "stats", "outputs", "event_type", "seq",
            ],
            run.Events[^1].EnumerateObject().Select(member => member.Name));
        var end = run.Events[^1];
        Assert.Equal(RecordedRun.Id, end.GetProperty("id").GetGuid());
        Assert.Equal("user", end.GetProperty("user_id").GetString());
        Assert.Equal(RecordedRun.GraphId, end.GetProperty("graph_id").GetGuid());
        Assert.Equal(1, end.GetProperty("graph_version").GetInt32());
        Assert.Equal("""{"text":"hello"}""", JsonSerializer.Serialize(end.GetProperty("inputs")));
        Assert.Equal("preset", end.GetProperty("preset_id").GetString());
        Assert.Equal("COMPLETED", end.GetProperty("status").GetString());
        Assert.Equal("2026-01-05T09:00:01Z", end.GetProperty("started_at").GetString());
        Assert.False(end.GetProperty("is_shared").GetBoolean());
        Assert.Equal("""{"out":["hello"]}""", end.GetProperty("outputs").GetRawText());
        Assert.Equal("graph_execution_update", end.GetProperty("event_type").GetString());
        Assert.Equal(
            [
                "cost", "duration", "duration_cpu_only", "node_exec_time", "node_exec_time_cpu_only", "node_exec_count", "node_error_count",
                "failure_reason", "error", "activity_status", "correctness_score", "warnings",
            ],
            end.GetProperty("stats").EnumerateObject().Select(member => member.Name));
        Assert.Equal(2, end.GetProperty("stats").GetProperty("node_exec_count").GetInt32());
    }

    [Fact]
    public void Events_say_what_has_started_the_run()
    {
        Assert.All(Echo("""{"text": "hello"}""").Events, told =>
        {
            Assert.Equal("manual", told.GetProperty("trigger_source").GetString());
            Assert.False(told.GetProperty("is_dry_run").GetBoolean());
            Assert.All(Origin.Except(["is_dry_run", "trigger_source"]), name => Assert.Equal(JsonValueKind.Null, told.GetProperty(name).ValueKind));
        });
        var schedule = new RunSchedule(Guid.NewGuid(), "Mornings", Buffers: false);
        Assert.All(Echo("""{"text": "hello"}""", schedule: schedule).Events, told => Assert.Equal(("schedule", schedule.Id), (told.GetProperty("trigger_source").GetString(), told.GetProperty("schedule_id").GetGuid())));
    }

    [Fact]
    public void A_run_that_waits_has_neither_times_nor_statistics_nor_outputs()
    {
        var queued = Echo("""{"text": "hello"}""").Events[0];

        Assert.Equal("QUEUED", queued.GetProperty("status").GetString());
        foreach (var name in (string[])["started_at", "ended_at", "stats", "credential_inputs", "nodes_input_masks", "share_token"])
            Assert.Equal(JsonValueKind.Null, queued.GetProperty(name).ValueKind);
        Assert.Equal("{}", queued.GetProperty("outputs").GetRawText());
        Assert.Equal(1, queued.GetProperty("seq").GetInt64());
    }

    [Fact]
    public void A_node_event_has_the_fields_of_the_contract_and_its_number()
    {
        var node = Echo("""{"text": 5.0}""").Events.Last(liveEvent => liveEvent.TryGetProperty("node_id", out _));

        Assert.Equal(
            [
                "user_id", "graph_id", "graph_version", "graph_exec_id", "node_exec_id", "node_id", "block_id", "status", "input_data",
                "output_data", "add_time", "queue_time", "start_time", "end_time", .. Origin, "event_type", "seq",
            ],
            node.EnumerateObject().Select(member => member.Name));
        Assert.Equal("out", node.GetProperty("node_id").GetString());
        Assert.Equal("363ae599-353e-4804-937e-b2ee3cef3da4", node.GetProperty("block_id").GetString());
        Assert.Equal(RecordedRun.Id, node.GetProperty("graph_exec_id").GetGuid());
        Assert.Equal("5.0", node.GetProperty("input_data").GetProperty("value").GetRawText());
        Assert.Equal("""{"output":[5.0]}""", node.GetProperty("output_data").GetRawText());
        Assert.Equal("node_execution_update", node.GetProperty("event_type").GetString());
        Assert.All((string[])["add_time", "queue_time", "start_time", "end_time"], name => Assert.EndsWith("Z", node.GetProperty(name).GetString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(20_000)]
    public void Large_values_are_shortened_until_the_event_fits(int limit)
    {
        var text = $"begin{new string('x', 50_000)}end";
        var run = Echo($$"""{"text": "{{text}}"}""", limit);

        Assert.All(run.Events, liveEvent => Assert.True(liveEvent.GetRawText().Length <= limit));
        var value = run.Events[^1].GetProperty("outputs").GetProperty("out")[0].GetString()!;
        Assert.StartsWith("begin", value, StringComparison.Ordinal);
        Assert.EndsWith("end", value, StringComparison.Ordinal);
        Assert.Contains("omitted", value, StringComparison.Ordinal);
        Assert.Equal("COMPLETED", run.Events[^1].GetProperty("status").GetString());
    }

    private static RecordedRun Echo(string inputs, int maxMessageBytes = 16 * 1024 * 1024, RunSchedule? schedule = null)
    {
        var graph = new LiveGraph(RecordedRun.GraphId).Input("text").Output("out").Link("text.result", "out.value");
        var run = new RecordedRun(graph, inputs, maxMessageBytes, schedule).Start();
        var value = JsonElement.Parse(inputs).GetProperty("text").GetRawText();
        return run.Report("text", [("result", value)]).Report("out", [("output", value)]);
    }
}
