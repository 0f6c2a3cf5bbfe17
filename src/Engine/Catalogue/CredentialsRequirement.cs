namespace Grainflow.Engine.Catalogue;

/// <summary>What a credentials pin accepts (contract: semantics 1.7).</summary>
public sealed record CredentialsRequirement
{
    /// <summary>The providers accepted when no discriminator narrows them, for example <c>openai</c>.</summary>
    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>The credential types accepted: <c>api_key</c>, <c>oauth2</c>, <c>user_password</c>, <c>host_scoped</c>.</summary>
    public required IReadOnlyList<string> Types { get; init; }

    /// <summary>The pin whose value chooses the provider (for a model block <c>model</c>), or null.</summary>
    public string? Discriminator { get; init; }

    /// <summary>Value of the discriminator to provider; empty when there is no discriminator.</summary>
    public IReadOnlyDictionary<string, string> DiscriminatorMapping { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
