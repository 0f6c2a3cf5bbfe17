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
            Assert.Null(VectorMatcher.Difference(wanted, actual));
            Assert.Equal("k", request.Credential.Secret);
        }
    }

    private static JsonElement Message(ChatMessage message) => JsonValues.Object(
        KeyValuePair.Create("role", JsonValues.From(message.Role)), KeyValuePair.Create("content", JsonValues.From(message.Content)));
}
