using System.Text;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Input;

public sealed class AgentInputTests
{
    [Theory]
    [InlineData("AgentInputBlock", "false", "result=false")]
    [InlineData("AgentNumberInputBlock", "2.0", "result=2")]
    [InlineData("AgentNumberInputBlock", "1.5", "!Input: 'value' must be of type integer, not number")]
    [InlineData("AgentDateInputBlock", "\"2025-03-19\"", "result=\"2025-03-19\"")]
    [InlineData("AgentDateInputBlock", "\"2025-03-19T10:00:00\"", "!Execution: '2025-03-19T10:00:00' is not a date, for example 2025-03-19")]
    [InlineData("AgentTimeInputBlock", "\"09:30:15.5\"", "result=\"09:30:15.500000\"")]
    [InlineData("AgentTimeInputBlock", "\"09:30Z\"", "result=\"09:30:00+00:00\"")]
    [InlineData("AgentTimeInputBlock", "\"24:00\"", "!Execution: '24:00' is not a time of day, for example 09:30:00")]
    public async Task A_value_is_emitted_in_its_canonical_form(string block, string value, string expected) =>
        Assert.Equal([expected], await BlockResults.RunAsync(block, $$"""{"name": "n", "value": {{value}}}"""));

    [Fact]
    public void Only_what_a_kind_of_input_declares_itself_is_converted()
    {
        Assert.All(BlockResults.Block("AgentInputBlock").Definition.Inputs, pin => Assert.True(pin.Converted));
        Assert.Equal("value placeholder_values", Converted("AgentDropdownInputBlock"));
        Assert.Equal("value base_64", Converted("AgentFileInputBlock"));
    }

    [Fact]
    public async Task A_file_is_stored_once_however_often_the_node_runs()
    {
        var run = new TestRun();
        const string input = """{"name": "f", "value": "data:text/plain;charset=utf-8;base64,aGVsbG8="}""";

        var first = await BlockResults.RunAsync("AgentFileInputBlock", input, run);
        var second = await BlockResults.RunAsync("AgentFileInputBlock", input, run);

        Assert.Equal(first, second);
        var (name, content) = Assert.Single(run.Files.Files);
        Assert.EndsWith(".txt", name, StringComparison.Ordinal);
        Assert.Equal("hello", Encoding.UTF8.GetString(content.Span));
    }

    [Fact]
    public async Task A_file_is_fetched_under_a_clean_name()
    {
        var run = new TestRun(JsonValues.Parse("""{"http": [{"status": 200, "headers": {"content-type": "image/png"}, "body": "x"}]}"""));

        var outputs = await BlockResults.RunAsync("AgentFileInputBlock", """{"name": "f", "value": "https://example.com/a/b%3Ac.png?x=1"}""", run);

        Assert.Equal(["result=\"b_c.png\""], outputs);
        Assert.Equal("https://example.com/a/b%3Ac.png?x=1", Assert.Single(run.Http.Requests).Url);
    }

    [Fact]
    public async Task A_file_of_the_run_becomes_a_data_address_when_asked()
    {
        var run = new TestRun(JsonValues.Parse("""{"files": {"a.txt": "aGVsbG8="}}"""));

        Assert.Equal(["result=\"data:text/plain;base64,aGVsbG8=\""], await BlockResults.RunAsync("AgentFileInputBlock", """{"name": "f", "value": "a.txt", "base_64": true}""", run));
    }

    [Theory]
    [InlineData("../secret", "!Execution: There is no file .._secret.")]
    [InlineData("data:text/plain,hello", "!Execution: Invalid data URI format. Expected data:<mime>;base64,<data>")]
    [InlineData("data:text/plain;base64,###", "!Execution: The data URI does not hold valid base64")]
    public async Task What_is_no_file_fails(string value, string expected) =>
        Assert.Equal([expected], await BlockResults.RunAsync("AgentFileInputBlock", $$"""{"name": "f", "value": "{{value}}"}"""));

    private static string Converted(string block) => string.Join(' ', BlockResults.Block(block).Definition.Inputs.Where(p => p.Converted).Select(p => p.Name));
}
