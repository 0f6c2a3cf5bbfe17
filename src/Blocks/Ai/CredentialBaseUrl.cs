using System.Text.Json;
using Grainflow.Blocks.Ai.Providers;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// The address of a user's own model server, which an API key has in its metadata as <c>base_url</c> (contract: block-tiers, tier 2; upstream 2b, <c>metadata</c>). It comes from a user, so
/// calls to it are sent as those of blocks are: to public addresses and trusted endpoints only.
/// </summary>
public static class CredentialBaseUrl
{
    /// <summary>The member of the metadata.</summary>
    public const string Member = "base_url";

    /// <summary>The longest address, in characters.</summary>
    private const int MostCharacters = 2_000;

    /// <summary>What is wrong with the address in the metadata of an API key, with the field and the cure; null when nothing is, or there is none.</summary>
    /// <param name="provider">The provider of the key.</param>
    /// <param name="metadata">The metadata, a JSON object.</param>
    public static string? Problem(string provider, JsonElement metadata)
    {
        if (metadata.Member(Member) is not { } value) return null;
        if (!ChatProvider.OfOpenAiForm.Contains(provider, StringComparer.Ordinal))
        {
            return $"metadata.{Member}: a key of '{provider}' cannot have one. Leave it out, or store the key as one of {string.Join(", ", ChatProvider.OfOpenAiForm)}, whose form the server must speak; "
                + "openai does for Ollama, llama.cpp and vLLM.";
        }

        return Parse(value) is null
            ? $"metadata.{Member} must be an absolute http or https address such as http://127.0.0.1:8080/v1, of at most {MostCharacters} characters, without user name, password, query and fragment."
            : null;
    }

    /// <summary>The address in the metadata of a stored credential; null when it has none. Only API keys of providers of OpenAI's form have one.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="type">One of <see cref="CredentialTypes"/>.</param>
    /// <param name="metadata">The metadata, a JSON object.</param>
    public static Uri? Find(string provider, string type, JsonElement metadata) =>
        type == CredentialTypes.ApiKey && ChatProvider.OfOpenAiForm.Contains(provider, StringComparer.Ordinal) && metadata.Member(Member) is { } value ? Parse(value) : null;

    private static Uri? Parse(JsonElement value) =>
        value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 and <= MostCharacters } text
        && !text.Any(character => character is '?' or '#' or '\\' || char.IsWhiteSpace(character) || char.IsControl(character))
        && Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address.Scheme is ("http" or "https")
        && address.UserInfo.Length == 0
        && address.IdnHost.Length > 0
            ? address
            : null;
}
