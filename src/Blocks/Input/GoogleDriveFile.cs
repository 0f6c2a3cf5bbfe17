using System.Text.Json.Serialization;

namespace Grainflow.Blocks.Input;

/// <summary>The reference to a file that a user has chosen in Google Drive.</summary>
internal sealed record GoogleDriveFile
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    [JsonPropertyName("mimeType")]
    public string? MimeType { get; init; }

    public string? Url { get; init; }

    [JsonPropertyName("iconUrl")]
    public string? IconUrl { get; init; }

    [JsonPropertyName("isFolder")]
    public bool? IsFolder { get; init; }

    /// <summary>The credential with which later blocks open the file.</summary>
    [JsonPropertyName("_credentials_id")]
    public string? CredentialsId { get; init; }
}
