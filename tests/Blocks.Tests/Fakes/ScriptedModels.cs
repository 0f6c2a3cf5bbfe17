using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Blocks.Ai;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>Answers chat calls with the replies of a script, in order, and keeps what was asked.</summary>
internal sealed partial class ScriptedModels(IEnumerable<JsonElement> replies) : IChatModels
{
    private readonly Queue<JsonElement> _replies = new(replies);

    public List<ChatRequest> Requests { get; } = [];

    public Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        if (!_replies.TryDequeue(out var reply)) throw new InvalidOperationException("The script has no further reply.");
        if (reply.Member("error") is { } error) throw new ChatModelException(error.GetString()!);
        var tag = Tag().Match(string.Join('\n', request.Messages.Select(message => message.Content)));
        return Task.FromResult(new ChatReply((reply.Member("response")?.GetString() ?? "").Replace("{{TAG}}", tag.Groups["id"].Value, StringComparison.Ordinal), InputTokens: 10, OutputTokens: 5)
        {
            ToolCalls = [.. reply.Member("tool_calls") is { } calls ? calls.EnumerateArray().Select(ToCall) : []],
        });
    }

    private static ChatToolCall ToCall(JsonElement call)
    {
        var arguments = call.GetProperty("arguments");
        return new ChatToolCall(call.GetProperty("id").GetString()!, call.GetProperty("name").GetString()!, arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : PythonText.Json(arguments));
    }

    [GeneratedRegex("<json_output id=\"(?<id>[^\"]+)\">", RegexOptions.None, 1000)]
    private static partial Regex Tag();
}
