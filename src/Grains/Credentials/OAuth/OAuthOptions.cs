namespace Grainflow.Grains.Credentials.OAuth;

/// <summary>The clients of the platform at providers of OAuth.</summary>
public sealed class OAuthOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "OAuth";

    /// <summary>The client by provider. Settings <c>GITHUB_CLIENT_ID</c>, <c>GITHUB_CLIENT_SECRET</c> and so on; a provider without both cannot be logged in to.</summary>
    public Dictionary<string, OAuthClientKey> Clients { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Where the endpoints of a provider are instead of at their own hosts: scheme, host and port of this address are used, their paths stay. Settings <c>GITHUB_OAUTH_BASE</c> and so on.
    /// </summary>
    public Dictionary<string, Uri> Bases { get; } = new(StringComparer.Ordinal);

    /// <summary>The names of the providers of the contract (semantics 4.6).</summary>
    public static IReadOnlyCollection<string> Providers { get; } = OAuthProviders.All.Keys;
}

/// <summary>Id and secret of a client at a provider.</summary>
public sealed class OAuthClientKey
{
    /// <summary>The public id.</summary>
    public string Id { get; set; } = "";

    /// <summary>The secret.</summary>
    public string Secret { get; set; } = "";
}
