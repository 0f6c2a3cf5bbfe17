using System.Net.Http.Headers;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>A request as it went out.</summary>
internal sealed record SentRequest(string Method, string Url, IReadOnlyDictionary<string, string> Headers, string? ContentType, string Body)
{
    /// <summary>The proxy with its account, or null.</summary>
    public string? Through { get; init; }

    public static async Task<SentRequest> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Copy(request.Headers, headers);
        if (request.Content is not null) Copy(request.Content.Headers, headers);
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        return new SentRequest(request.Method.Method, request.RequestUri!.AbsoluteUri, headers, request.Content?.Headers.ContentType?.MediaType, body)
        {
            Through = request.Options.TryGetValue(RequestHop.Through, out var proxy) ? $"{proxy.User}:{proxy.Password}@{proxy.Address}" : null,
        };
    }

    private static void Copy(HttpHeaders from, Dictionary<string, string> to)
    {
        foreach (var (name, values) in from.NonValidated) to[name] = string.Join(", ", values);
    }
}
