using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

public sealed class ToolMessagesTests
{
    private const string Asked = """[{"role": "assistant", "content": null, "tool_calls": [{"id": "c1"}, {"id": "c2"}]}]""";

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"conversation_history": []}""", null)]
    [InlineData($$"""{"conversation_history": {{Asked}}}""", "last_tool_output")]
    [InlineData($$"""{"conversation_history": {{Asked}}, "last_tool_output": null}""", "last_tool_output")]
    [InlineData($$"""{"conversation_history": {{Asked}}, "last_tool_output": 5}""", null)]
    [InlineData("""{"last_tool_output": 5}""", "conversation_history")]
    [InlineData("""{"conversation_history": [{"role": "assistant", "content": [{"type": "tool_use", "id": "t1"}]}]}""", "last_tool_output")]
    [InlineData("""{"conversation_history": [{"role": "assistant", "content": [{"type": "tool_use", "id": "t1"}]}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1"}]}]}""", null)]
    [InlineData("""{"conversation_history": ["text", 5, {"role": 3}]}""", null)]
    public void A_node_in_a_loop_with_tools_waits_for_what_is_not_there(string input, string? missing) =>
        Assert.Equal(missing, ToolMessages.MissingPin(JsonValues.Parse(input).EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal)));

    [Fact]
    public void Pending_calls_come_in_the_order_in_which_they_were_asked_for()
    {
        var messages = JsonValues.Parse("""[{"role": "assistant", "tool_calls": [{"id": "b"}, {"id": "a"}, {"id": "c"}]}, {"role": "tool", "tool_call_id": "a"}]""");
        Assert.Equal(["b", "c"], ToolMessages.Pending(messages.EnumerateArray()).Keys);
    }

    [Fact]
    public void Tools_of_one_node_execution_have_ids_of_their_own_that_do_not_change()
    {
        var node = Guid.Parse("4b30bd60-1e51-40a7-918f-344b615745ef");
        Assert.Equal(NodeExecutionIds.Tool(node, 1), NodeExecutionIds.Tool(node, 1));
        Assert.Equal(3, new[] { NodeExecutionIds.Tool(node, 1), NodeExecutionIds.Tool(node, 2), NodeExecutionIds.ChildRun(node) }.Distinct().Count());
    }
}
