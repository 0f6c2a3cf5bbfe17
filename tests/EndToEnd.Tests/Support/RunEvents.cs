using System.Text.Json;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>What the live events of a run that completed must show (contract: websocket; decision 25).</summary>
internal static class RunEvents
{
    private static readonly string[] RunStatuses = ["QUEUED", "RUNNING", "COMPLETED"];
    private static readonly string[] NodeStatuses = ["INCOMPLETE", "QUEUED", "RUNNING", "COMPLETED"];

    public static long Sequence(JsonElement data) => data.GetProperty("seq").GetInt64();

    public static string Status(JsonElement data) => data.GetProperty("status").GetString()!;

    /// <summary>True for an event of the run itself, false for one of a node execution.</summary>
    public static bool IsOfRun(JsonElement data) => data.GetProperty("event_type").GetString() == "graph_execution_update";

    /// <summary>Each event is there once and in order, and together they tell what the run says of itself.</summary>
    /// <param name="execution">The run, as it is read with its nodes.</param>
    /// <param name="events">Its events, in the order in which they came.</param>
    public static void AssertTell(JsonElement execution, IReadOnlyList<JsonElement> events)
    {
        Assert.Equal(Enumerable.Range(1, events.Count).Select(sequence => (long)sequence), events.Select(Sequence));

        var ofRun = events.Where(IsOfRun).ToList();
        Assert.Equal(RunStatuses, Changes(ofRun));
        AssertSame(execution, ofRun[^1], except: "node_executions");
        Assert.True(IsOfRun(events[^1]), "The last event is not of the run.");

        var nodes = execution.GetProperty("node_executions").EnumerateArray().ToDictionary(IdOf, StringComparer.Ordinal);
        var ofNodes = events.Where(data => !IsOfRun(data)).GroupBy(IdOf, StringComparer.Ordinal).ToList();
        Assert.Equal(nodes.Keys.Order(StringComparer.Ordinal), ofNodes.Select(node => node.Key).Order(StringComparer.Ordinal));
        foreach (var node in ofNodes)
        {
            AssertLegal([.. node]);
            // Events of nodes have what started the run, too (upstream, section 3).
            AssertSame(nodes[node.Key], node.Last(), except: null, RunOrigin);
        }
    }

    private static readonly string[] RunOrigin = ["is_dry_run", "organization_id", "team_id", "expert_id", "trigger_source", "trigger_ref", "schedule_id", "webhook_id"];

    private static string IdOf(JsonElement node) => node.GetProperty("node_exec_id").GetString()!;

    /// <summary>Every status at most once, in order; it stays only while inputs come, and for each output, one by one.</summary>
    private static void AssertLegal(List<JsonElement> events)
    {
        var changes = Changes(events);
        Assert.Equal(NodeStatuses[^changes.Count..], changes);
        Assert.InRange(changes.Count, NodeStatuses.Length - 1, NodeStatuses.Length);
        foreach (var (before, after) in events.Zip(events.Skip(1)))
        {
            var (arrived, emitted) = (Inputs(after) - Inputs(before), Outputs(after) - Outputs(before));
            if (Status(before) != Status(after)) Assert.Equal(0, emitted);
            else if (Status(after) == "INCOMPLETE") Assert.Equal((true, 0), (arrived > 0, emitted));
            else Assert.Equal(("RUNNING", 0, 1), (Status(after), arrived, emitted));
        }
    }

    private static List<string> Changes(List<JsonElement> events) =>
        [.. events.Select(Status).Where((status, i) => i == 0 || status != Status(events[i - 1]))];

    private static int Inputs(JsonElement node) => node.GetProperty("input_data").GetPropertyCount();

    private static int Outputs(JsonElement node) => node.GetProperty("output_data").EnumerateObject().Sum(pin => pin.Value.GetArrayLength());

    /// <summary>The event has the members of what is read, and what only events have.</summary>
    private static void AssertSame(JsonElement read, JsonElement shown, string? except, params IEnumerable<string> added)
    {
        var expected = read.EnumerateObject().Where(member => member.Name != except).ToList();
        Assert.Equal(
            expected.Select(member => member.Name).Append("event_type").Append("seq").Concat(added).Order(StringComparer.Ordinal),
            shown.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        foreach (var member in expected)
            Assert.True(JsonElement.DeepEquals(member.Value, shown.GetProperty(member.Name)), $"{member.Name} is read as {member.Value} and was shown as {shown.GetProperty(member.Name)}.");
    }
}
