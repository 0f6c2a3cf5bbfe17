using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Integrations;

/// <summary>A request to an API.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path with its query, from the slash on; see <see cref="Segment"/> and <see cref="Query"/>.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path)
{
    /// <summary>The JSON that is sent; null for none.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>Makes the body where it is not JSON, anew for each attempt; null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether the credential of the pin <c>credentials</c> is sent.</summary>
    public bool IsAuthorized { get; init; } = true;

    /// <summary>The server that the request is sent through; null for none.</summary>
    public OutgoingProxy? Proxy { get; init; }

    /// <summary>How long the answer may take where that is longer than usual; null for the setting.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>True when the vendor does the same for one such request and for two (RFC 9110, section 9.2.2).</summary>
    public bool IsRepeatable => Method == HttpMethod.Get || Method == HttpMethod.Put || Method == HttpMethod.Delete;

    /// <summary>A value as a segment of a path, which it cannot leave.</summary>
    /// <param name="value">The value.</param>
    /// <param name="pin">Where the value comes from, for the message.</param>
    /// <exception cref="BlockException">The value is blank, or a step to another path.</exception>
    public static string Segment(string value, string pin) => value.Trim() is not ("" or "." or "..")
        ? Uri.EscapeDataString(value.Trim())
        : throw new BlockException($"'{pin}' must not be '{value}'");

    /// <summary>A query with its question mark, without members that are null; "" when all are.</summary>
    /// <param name="members">Names and values, not escaped.</param>
    public static string Query(params IEnumerable<(string Name, string? Value)> members)
    {
        var given = members.Where(member => member.Value is not null).Select(member => $"{Uri.EscapeDataString(member.Name)}={Uri.EscapeDataString(member.Value!)}").ToList();
        return given.Count == 0 ? "" : "?" + string.Join('&', given);
    }

    /// <summary>An object as JSON, by the names that its members have here, without those that are null.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="body">The object.</param>
    public static JsonElement JsonOf<T>(T body) => JsonSerializer.SerializeToElement(body, Body);

    private static readonly JsonSerializerOptions Body = new(BlockJson.Options)
    {
        PropertyNamingPolicy = null,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };
}
