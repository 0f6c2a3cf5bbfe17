using System.Text.Json.Serialization;

namespace Grainflow.WebConsole.Agents;

/// <summary>Names credentials for a run, without their secret.</summary>
/// <param name="Id">The credentials.</param>
/// <param name="Title">Their label, or null.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Type">Their type on the wire, for example <c>api_key</c>.</param>
public sealed record CredentialReference(
    [property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("title")] string? Title, [property: JsonPropertyName("provider")] string Provider, [property: JsonPropertyName("type")] string Type);
