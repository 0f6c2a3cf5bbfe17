using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Credentials;
using Grainflow.Grains.Interfaces.Mcp;
using Grainflow.Storage.Credentials;

namespace Grainflow.Grains.Credentials;

/// <summary>What is wrong with a credential that is to be stored. No message contains a secret.</summary>
internal static class CredentialCheck
{
    private const int MostNameCharacters = 200;

    /// <summary>The largest secret in characters; tokens have some thousand.</summary>
    private const int MostSecretCharacters = 64 * 1024;

    private const int MostHeaders = 100;

    /// <summary>The largest metadata of an API key, in bytes of JSON; there is an address in it.</summary>
    private const int MostMetadataBytes = 4 * 1024;

    /// <summary>What is wrong, or null.</summary>
    public static string? Problem(string id, CredentialContent content)
    {
        if (!IsName(id)) return $"The id must have 1 to {MostNameCharacters} characters and no line breaks.";
        if (!IsName(content.Provider)) return $"The provider must have 1 to {MostNameCharacters} characters and no line breaks.";
        if (content.Title is { Length: > MostNameCharacters }) return $"The title must have at most {MostNameCharacters} characters.";
        if (!Texts(content).All(text => text is null || text == JsonValues.CleanText(text))) return "A value has a control character, which cannot be stored.";
        if (new[] { content.Secret, content.RefreshToken, content.Registration }.Any(secret => secret is { Length: > MostSecretCharacters })) return $"A secret must have at most {MostSecretCharacters} characters.";
        return content.Type switch
        {
            CredentialTypes.ApiKey => content.Secret is { Length: > 0 } ? MetadataProblem(content) : "api_key must not be empty.",
            CredentialTypes.OAuth2 => content.Secret is { Length: > 0 } ? null : "access_token must not be empty.",
            CredentialTypes.UserPassword => content.Username is { Length: > 0 and <= MostNameCharacters } && content.Secret is not null ? null : $"username must have 1 to {MostNameCharacters} characters, and there must be a password.",
            CredentialTypes.HostScoped => HostProblem(content),
            _ => $"'{content.Type}' is not a type of credentials; use api_key, oauth2, user_password or host_scoped.",
        };
    }

    /// <summary>What is wrong with a change of a stored credential, or null (contract: semantics 4.4).</summary>
    public static string? ChangeProblem(CredentialRow stored, CredentialContent content)
    {
        if (stored.Type != content.Type) return $"The type of credentials cannot be changed; it is {stored.Type}.";
        if (stored.Host != content.Host) return $"The host of credentials cannot be changed; it is {stored.Host}.";
        // A token of an MCP server takes the place of the one before, whatever that was granted.
        if (stored.Provider == McpCredentials.Provider) return null;
        var lost = stored.Scopes.Except(content.Scopes, StringComparer.Ordinal).ToList();
        return lost.Count == 0 ? null : $"Credentials cannot lose scopes; {string.Join(", ", lost)} would be lost.";
    }

    private static string? MetadataProblem(CredentialContent content) => content.Metadata.Memory.Length > MostMetadataBytes
        ? $"metadata must have at most {MostMetadataBytes} bytes."
        : CredentialBaseUrl.Problem(content.Provider, JsonValues.ParseUtf8(content.Metadata.Memory.Span));

    private static string? HostProblem(CredentialContent content)
    {
        if (!IsName(content.Host ?? "")) return $"host must have 1 to {MostNameCharacters} characters.";
        var headers = content.Headers ?? [];
        if (headers.Count > MostHeaders) return $"There must be at most {MostHeaders} headers.";
        if (headers.Keys.FirstOrDefault(name => name.Length is 0 or > MostNameCharacters || name.Any(character => character is <= ' ' or > '~' or ':')) is { } wrong)
            return $"'{wrong}' is not a name of a header.";
        // A line break in a value would begin another header.
        return headers.FirstOrDefault(header => header.Value.Length > MostSecretCharacters || header.Value.Any(char.IsControl)) is { Key: { } name }
            ? $"The value of header '{name}' has a control character, or more than {MostSecretCharacters} characters."
            : null;
    }

    private static bool IsName(string text) => text.Length is > 0 and <= MostNameCharacters && !text.Any(char.IsControl);

    private static IEnumerable<string?> Texts(CredentialContent content) => [content.Title, content.Secret, content.RefreshToken, content.Username, content.Host, .. content.Scopes];
}
