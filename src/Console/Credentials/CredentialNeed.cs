using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.WebConsole.Credentials;

/// <summary>A credential that an agent asks for, read from its credentials input schema (contract: semantics 1.3).</summary>
/// <param name="Name">The name of the input.</param>
/// <param name="Title">What it is called in the form.</param>
/// <param name="Providers">The providers of which one is wanted.</param>
/// <param name="Types">The types of which one is wanted.</param>
/// <param name="IsRequired">True when no run starts without it.</param>
public sealed record CredentialNeed(string Name, string Title, IReadOnlyList<string> Providers, IReadOnlyList<string> Types, bool IsRequired)
{
    /// <summary>The id of the credential that was chosen; empty for none.</summary>
    public string Chosen { get; set; } = "";

    /// <summary>The needs of an agent.</summary>
    /// <param name="schema">Its credentials input schema.</param>
    public static IReadOnlyList<CredentialNeed> Read(JsonElement schema)
    {
        var required = Texts(schema, "required").ToHashSet(StringComparer.Ordinal);
        return
        [
            .. (schema.Member("properties") ?? JsonValues.EmptyObject).EnumerateObject().Select(property =>
            {
                var providers = Texts(property.Value, "credentials_provider");
                return new CredentialNeed(property.Name, $"Credential of {string.Join(" or ", providers)}", providers, Texts(property.Value, "credentials_types"), required.Contains(property.Name));
            }),
        ];
    }

    /// <summary>Whether a credential can be used here.</summary>
    /// <param name="provider">Its provider.</param>
    /// <param name="type">Its type.</param>
    public bool Suits(string provider, string type) => Providers.Contains(provider, StringComparer.Ordinal) && Types.Contains(type, StringComparer.Ordinal);

    private static IReadOnlyList<string> Texts(JsonElement schema, string name) => [.. (schema.Member(name) ?? JsonValues.EmptyArray).EnumerateArray().Select(text => text.GetString()!)];
}
