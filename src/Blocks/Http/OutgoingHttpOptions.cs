using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Http;

/// <summary>Settings of <see cref="OutgoingHttp"/>.</summary>
public sealed record OutgoingHttpOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Http";

    /// <summary>
    /// Endpoints that may be reached although their addresses are private (<c>TRUST_ENDPOINTS_FOR_REQUESTS</c>): each a host,
    /// <c>host:port</c> or an origin such as <c>http://127.0.0.1:9000</c>.
    /// </summary>
    public IReadOnlyList<string> TrustedEndpoints { get; init; } = [];

    /// <summary>How long a request may take, with its redirects and the body of its reply. A second to a day. Beyond it the request fails.</summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The largest body that is read, in bytes after decompression. 1 or more. A larger one fails the request.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBodyBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>Reads the setting <c>TRUST_ENDPOINTS_FOR_REQUESTS</c>.</summary>
    /// <param name="text">A JSON array of strings, or endpoints separated by commas; null or blank for none.</param>
    /// <exception cref="FormatException">The text is neither, or an entry names no endpoint.</exception>
    public static IReadOnlyList<string> ParseTrustedEndpoints(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return [];
        var endpoints = text.TrimStart().StartsWith('[') ? FromJson(text) : text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var endpoint in endpoints) TrustedEndpoint.Parse(endpoint);
        return endpoints;
    }

    private static string[] FromJson(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(text)!;
        }
        catch (JsonException e)
        {
            throw new FormatException("The trusted endpoints are not a JSON array of strings.", e);
        }
    }
}
