using System.Collections.Concurrent;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Http;
using Grainflow.Grains.Credentials;

namespace Grainflow.Grains.Tests.CrashPoints;

/// <summary>The world outside of the silos: answers every call, and counts those of each node execution, whose id is the path of a request and the model of a chat.</summary>
internal sealed class CountingWorld : IOutgoingHttp, IChatModels, ICredentialLeases
{
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);

    /// <summary>How many requests a node execution has made.</summary>
    public int Requests(Guid nodeExecutionId) => _calls.GetValueOrDefault($"request {nodeExecutionId}");

    /// <summary>How many chats a node execution has made.</summary>
    public int Chats(Guid nodeExecutionId) => _calls.GetValueOrDefault($"chat {nodeExecutionId}");

    public Task<OutgoingReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Count("request " + request.RequestUri!.AbsolutePath.TrimStart('/'));
        return Task.FromResult(new OutgoingReply(200, null, default, request.RequestUri));
    }

    public Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        Count("chat " + request.Model);
        return Task.FromResult(new ChatReply("", 0, 0));
    }

    public Task<CredentialLease?> AcquireAsync(string userId, string credentialId, CredentialUse use, CancellationToken cancellationToken) => Task.FromResult<CredentialLease?>(null);

    private void Count(string call) => _calls.AddOrUpdate(call, 1, (_, count) => count + 1);
}
