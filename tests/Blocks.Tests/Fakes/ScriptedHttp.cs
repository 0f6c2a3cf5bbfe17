using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>Answers requests with the replies of a script, in order, and keeps what was sent.</summary>
internal sealed class ScriptedHttp(IEnumerable<JsonElement> replies) : IOutgoingHttp
{
    private readonly Queue<JsonElement> _replies = new(replies);

    public List<SentRequest> Requests { get; } = [];

    public async Task<OutgoingReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests.Add(await SentRequest.ReadAsync(request, cancellationToken));
        if (!_replies.TryDequeue(out var reply)) throw new InvalidOperationException("The script has no further reply.");
        if (reply.Member("raise") is { } failure) throw new OutgoingHttpException(failure.GetString()!);
        return new OutgoingReply(reply.GetProperty("status").GetInt32(), HeaderOf(reply, "content-type"), BodyOf(reply), request.RequestUri!) { RetryAfter = HeaderOf(reply, "retry-after") };
    }

    private static string? HeaderOf(JsonElement reply, string name) =>
        reply.Member("headers") is { } headers ? headers.EnumerateObject().Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value.GetString()).FirstOrDefault() : null;

    private static byte[] BodyOf(JsonElement reply)
    {
        if (reply.Member("body_base64") is { } encoded) return Convert.FromBase64String(encoded.GetString()!);
        return reply.Member("body") switch
        {
            null => [],
            { ValueKind: JsonValueKind.String } text => Encoding.UTF8.GetBytes(text.GetString()!),
            { } json => JsonValues.CompactUtf8(json),
        };
    }
}
