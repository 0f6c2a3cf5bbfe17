using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.WebConsole.Runs;

namespace Grainflow.WebConsole.Tests;

public sealed class RunStateTests
{
    private readonly RunState _state = new();

    [Fact]
    public void A_node_has_the_status_that_needs_most_attention()
    {
        Node("1", "n", "RUNNING");
        Node("2", "n", "QUEUED");
        Assert.Equal(("RUNNING", 2), (_state.Of("n")!.Status, _state.Of("n")!.Count));
        Node("1", "n", "COMPLETED");
        Assert.Equal("QUEUED", _state.Of("n")!.Status);
        Node("2", "n", "FAILED");
        Assert.Equal(("FAILED", 1, 1), (_state.Of("n")!.Status, _state.Of("n")!.Completed, _state.Of("n")!.Failed));
    }

    [Fact]
    public void Events_that_come_again_change_nothing()
    {
        Node("1", "n", "COMPLETED");
        Node("1", "n", "COMPLETED");
        Assert.Equal((1, 1), (_state.Of("n")!.Count, _state.Of("n")!.Completed));
        Assert.Single(_state.Executions);
    }

    [Fact]
    public void The_newest_value_and_the_error_are_shown_as_a_line()
    {
        Node("1", "n", "RUNNING", """{"out": [1, "two\nlines"]}""");
        Assert.Equal("out: two lines", _state.Of("n")!.LastValue);
        Node("1", "n", "FAILED", """{"out": [1], "error": ["it broke"]}""");
        Assert.Equal(("it broke", "error: it broke"), (_state.Of("n")!.Error, _state.Of("n")!.LastValue));
    }

    [Fact]
    public void The_name_of_an_output_is_not_its_value()
    {
        Node("1", "n", "COMPLETED", """{"output": ["the value"], "name": ["greeting"]}""");
        Assert.Equal("output: the value", _state.Of("n")!.LastValue);
    }

    [Fact]
    public void A_long_value_is_cut_between_characters()
    {
        Node("1", "n", "COMPLETED", $$"""{"out": ["{{new string('a', 79)}}😀"]}""");
        Assert.Equal($"out: {new string('a', 79)}…", _state.Of("n")!.LastValue);
    }

    [Fact]
    public void A_text_that_is_still_made_is_shown_by_its_end_until_the_node_has_another_event()
    {
        Partial("n", "too early");
        Assert.Null(_state.Of("n"));
        Node("1", "n", "RUNNING");
        Partial("n", "Once\nupon");
        Assert.Equal(("Once\nupon", "response: Once upon", "RUNNING", 1), (_state.Of("n")!.Partial, _state.Of("n")!.LastValue, _state.Of("n")!.Status, _state.Of("n")!.Count));
        Partial("n", $"😀{new string('a', 79)}");
        Assert.Equal($"response: …{new string('a', 79)}", _state.Of("n")!.LastValue);
        Node("1", "n", "COMPLETED", """{"response": ["Once upon a time"]}""");
        Assert.Equal((null, "response: Once upon a time"), (_state.Of("n")!.Partial, _state.Of("n")!.LastValue));

        void Partial(string node, string text) => _state.Take(JsonSerializer.SerializeToElement(new { node_exec_id = "1", node_id = node, status = "RUNNING", output_data = new { response = new[] { text } }, is_partial = true }));
    }

    [Fact]
    public void The_run_itself_has_status_and_times()
    {
        Assert.Equal(("", false), (_state.Status, _state.HasEnded));
        Assert.Null(_state.Take(JsonValues.Parse("""{"id": "r", "status": "RUNNING", "started_at": "2026-01-05T09:00:00Z", "ended_at": null}""")));
        Assert.Equal(("RUNNING", new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero), (DateTimeOffset?)null), (_state.Status, _state.Started, _state.Ended));
        _state.Take(JsonValues.Parse("""{"id": "r", "status": "FAILED", "started_at": "2026-01-05T09:00:00Z", "ended_at": "2026-01-05T09:00:02Z"}"""));
        Assert.True(_state.HasEnded);
        Assert.Equal(TimeSpan.FromSeconds(2), _state.Ended - _state.Started);
    }

    [Fact]
    public void Of_very_many_executions_only_the_first_are_kept_one_by_one_and_all_are_counted()
    {
        for (var i = 0; i < RunState.MostKept + 10; i++)
        {
            Node($"{i}", "n", "RUNNING");
            Node($"{i}", "n", "COMPLETED");
        }

        Assert.Equal((RunState.MostKept, 10), (_state.Executions.Count, _state.NotKept));
        Assert.Equal((RunState.MostKept + 10, RunState.MostKept + 10, "COMPLETED"), (_state.Of("n")!.Count, _state.Of("n")!.Completed, _state.Of("n")!.Status));
    }

    private void Node(string id, string node, string status, string outputs = "{}") => Assert.Equal(node, _state.Take(JsonValues.Parse($$"""
        {"node_exec_id": "{{id}}", "node_id": "{{node}}", "status": "{{status}}", "input_data": {}, "output_data": {{outputs}}, "add_time": "2026-01-05T09:00:00Z", "queue_time": null, "start_time": null, "end_time": null}
        """)));
}
