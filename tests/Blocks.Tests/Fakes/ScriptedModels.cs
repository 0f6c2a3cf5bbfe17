using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>Answers chat calls with the replies of a script, in order, and keeps what was asked.</summary>
internal sealed class ScriptedModels(IEnumerable<JsonElement> replies) : IChatModels
{
    private readonly Queue<JsonElement> _replies = new(replies);

    public List<ChatRequest> Requests { get; } = [];

    public Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        if (!_replies.TryDequeue(out var reply)) throw new InvalidOperationException("The script has no further reply.");
        if (reply.Member("error") is { } error) throw new ChatModelException(error.GetString()!);
        return Task.FromResult(new ChatReply(reply.GetProperty("response").GetString()!, InputTokens: 10, OutputTokens: 5));
    }
}
