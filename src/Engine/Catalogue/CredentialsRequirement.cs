namespace Grainflow.Engine.Catalogue;

/// <summary>The credentials that a pin accepts (contract: semantics 1.7).</summary>
public sealed record CredentialsRequirement
{
    /// <summary>The accepted providers, for example <c>openai</c>, unless a discriminator selects one of them.</summary>
    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>The accepted types of credentials: <c>api_key</c>, <c>oauth2</c>, <c>user_password</c>, <c>host_scoped</c>.</summary>
    public required IReadOnlyList<string> Types { get; init; }

    /// <summary>The scopes that a credential of type <c>oauth2</c> needs; empty for none.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The pin whose value selects the provider (for a model block <c>model</c>) or the credential itself (<c>url</c> for credentials of a host), or null.</summary>
    public string? Discriminator { get; init; }

    /// <summary>The provider by value of the discriminator; empty when there is no discriminator, and when it does not select the provider.</summary>
    public IReadOnlyDictionary<string, string> DiscriminatorMapping { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
