using System.Text.Json;

namespace Grainflow.Engine.Graphs;

/// <summary>A node of a graph: a block with its constants (contract: semantics 1.1).</summary>
public sealed record GraphNode
{
    /// <summary>The node's id, unique in its graph version.</summary>
    public required string Id { get; init; }

    /// <summary>The block that the node runs.</summary>
    public required string BlockId { get; init; }

    /// <summary>The constants by pin, always a JSON object. Pins that the block does not have any more are ignored.</summary>
    public required JsonElement InputDefault { get; init; }

    /// <summary>The position, the customized name and flags, always a JSON object.</summary>
    public required JsonElement Metadata { get; init; }

    /// <summary>The id of the webhook that starts a run at this node, or null.</summary>
    public string? WebhookId { get; init; }

    /// <summary>The title that the author gave the node, or null.</summary>
    public string? CustomizedName => Text(Metadata, "customized_name");

    /// <summary>The title in quotes after a blank, for messages; empty when there is none.</summary>
    internal string QuotedTitle => CustomizedName is { } title ? $" \"{title}\"" : "";

    /// <summary>The <c>name</c> constant of an Input or Output node, or null.</summary>
    public string? PinName => Text(InputDefault, "name");

    /// <summary>True when a run without the node's credentials skips the node; false when such a run is refused (contract: semantics 2.3).</summary>
    public bool CredentialsOptional =>
        Metadata.TryGetProperty("credentials_optional", out var flag) && flag.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() is { Length: > 0 } text ? text : null
            : null;
}
