using Bunit;
using Grainflow.Engine.Values;
using Grainflow.WebConsole.Agents;
using Grainflow.WebConsole.Layout;
using Grainflow.WebConsole.Runs;
using MudBlazor;
using MudBlazor.Services;

namespace Grainflow.WebConsole.Tests;

/// <summary>The components that do not need a server.</summary>
public sealed class ComponentTests : BunitContext
{
    public ComponentTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
    }

    [Fact]
    public void A_page_that_could_not_be_read_says_why_and_can_be_tried_again()
    {
        var retried = 0;
        var page = Render<PageState>(parameters => parameters.Add(state => state.Problem, "The server is away.").Add(state => state.Retry, () => { retried++; }).AddChildContent("content"));

        Assert.Contains("The server is away.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("content", page.Markup, StringComparison.Ordinal);
        page.Find("button").Click();
        Assert.Equal(1, retried);
    }

    [Fact]
    public void A_page_that_is_read_shows_a_progress_line_with_a_name() =>
        Assert.Equal("Loading", Render<PageState>(parameters => parameters.Add(state => state.IsLoading, true)).Find("[role=progressbar]").GetAttribute("aria-label"));

    [Theory]
    [InlineData("COMPLETED", Color.Success)]
    [InlineData("FAILED", Color.Error)]
    [InlineData("REVIEW", Color.Secondary)]
    [InlineData("QUEUED", Color.Default)]
    public void A_status_is_told_by_its_word_and_by_a_colour(string status, Color colour)
    {
        var chip = Render<StatusChip>(parameters => parameters.Add(item => item.Status, status));
        Assert.Contains(status, chip.Markup, StringComparison.Ordinal);
        Assert.Equal(colour, chip.FindComponent<MudChip<string>>().Instance.Color);
    }

    [Fact]
    public void A_value_is_indented_and_what_is_too_long_is_told()
    {
        Assert.Equal("{\n  \"a\": 1\n}", Json("""{"a": 1}"""));
        Assert.Equal("plain text", Json("\"plain text\""));
        Assert.EndsWith("… and 5 more characters", Json($"\"{new string('x', 20_005)}\""), StringComparison.Ordinal);

        string Json(string value) => Render<JsonView>(parameters => parameters.Add(view => view.Value, JsonValues.Parse(value))).Find("pre").TextContent.ReplaceLineEndings("\n");
    }

    [Fact]
    public void A_field_that_lacks_its_value_says_so_once_the_user_has_tried_to_start()
    {
        var field = RunField.Read(JsonValues.Parse("""{"properties": {"who": {"type": "string", "title": "Who"}}, "required": ["who"]}"""))[0];
        Assert.DoesNotContain("Who is needed.", Render<RunFieldEditor>(parameters => parameters.Add(editor => editor.Item, field)).Markup, StringComparison.Ordinal);
        Assert.Contains("Who is needed.", Render<RunFieldEditor>(parameters => parameters.Add(editor => editor.Item, field).Add(editor => editor.ShowsProblems, true)).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_typed_is_in_the_field()
    {
        var field = RunField.Read(JsonValues.Parse("""{"properties": {"who": {"type": "string"}}}"""))[0];
        Render<RunFieldEditor>(parameters => parameters.Add(editor => editor.Item, field)).Find("input").Input("Ada");
        Assert.Equal("Ada", field.Text);
    }

    [Fact]
    public void A_timeline_has_a_bar_for_each_execution_with_its_status()
    {
        var state = new RunState();
        state.Take(JsonValues.Parse("""{"node_exec_id": "1", "node_id": "a", "status": "COMPLETED", "add_time": "2026-01-05T09:00:00Z", "queue_time": "2026-01-05T09:00:00Z", "start_time": "2026-01-05T09:00:01Z", "end_time": "2026-01-05T09:00:03Z"}"""));
        var timeline = Render<Timeline>(parameters => parameters.Add(view => view.State, state).Add(view => view.Now, new DateTimeOffset(2026, 1, 5, 9, 0, 4, TimeSpan.Zero))
            .Add(view => view.Titles, new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "First" }));

        Assert.Equal("First", timeline.Find(".timeline-row span").TextContent);
        Assert.Equal("left: 25.00%; width: 50.00%", timeline.Find("i.completed").GetAttribute("style"));
        Assert.Equal("2.00 s", timeline.FindAll(".timeline-row > span")[^1].TextContent);
    }
}
