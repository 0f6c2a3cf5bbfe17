using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Vectors;

/// <summary>Compares chat calls with the <c>llm_requests</c> of a vector.</summary>
internal static class ModelEffects
{
    public static void AssertAsked(JsonElement expected, IReadOnlyList<ChatRequest> asked)
    {
        Assert.Equal(expected.GetArrayLength(), asked.Count);
        foreach (var (wanted, request) in expected.EnumerateArray().Zip(asked))
        {
            var actual = JsonValues.Object(
                KeyValuePair.Create("model", JsonValues.From(request.Model)),
                KeyValuePair.Create("messages", JsonValues.Array(request.Messages.Select(Message))),
                KeyValuePair.Create("max_tokens", request.MaxTokens is { } limit ? JsonValues.From(limit) : JsonValues.Null),
                KeyValuePair.Create("json_mode", JsonValues.From(request.JsonMode)));
            Assert.Null(VectorMatcher.Difference(Only(wanted, name => name is not ("tools" or "parallel_tool_calls")), actual));
            Assert.Equal(wanted.Member("parallel_tool_calls")?.GetBoolean(), request.ParallelToolCalls);
            Assert.Equal(
                wanted.Member("tools") is { } tools ? tools.EnumerateArray().Select(Described) : [],
                request.Tools.Select(tool => Described(tool.Name, tool.Parameters.GetProperty("properties").EnumerateObject().Select(property => property.Name), tool.Parameters.Member("required"))));
            Assert.Equal("k", request.Credential.Secret);
        }
    }

    private static JsonElement Message(ChatMessage message) => message.ToJson();

    private static JsonElement Only(JsonElement value, Func<string, bool> wanted) =>
        JsonValues.Object(value.EnumerateObject().Where(member => wanted(member.Name)).Select(member => KeyValuePair.Create(member.Name, member.Value)));

    private static string Described(JsonElement tool) => Described(
        tool.GetProperty("name").GetString()!, tool.GetProperty("properties").EnumerateArray().Select(name => name.GetString()!), tool.Member("required"));

    // The order of the required arguments means nothing.
    private static string Described(string name, IEnumerable<string> properties, JsonElement? required) =>
        $"{name}({string.Join(", ", properties)}) requires {(required is { ValueKind: JsonValueKind.Array } list ? string.Join(", ", list.EnumerateArray().Select(item => item.GetString()).Order(StringComparer.Ordinal)) : "")}";
}
