using System.Diagnostics;

namespace Grainflow.Blocks.Contract;

/// <summary>The secret for one credentials pin during one node execution (contract: semantics 4.1).</summary>
/// <param name="Id">The credential's id.</param>
/// <param name="Provider">The provider, for example <c>openai</c>.</param>
/// <param name="Type"><c>api_key</c>, <c>oauth2</c>, <c>user_password</c> or <c>host_scoped</c>.</param>
/// <param name="Secret">The key or token. It must not be logged or emitted.</param>
[DebuggerDisplay("{Provider} {Type} {Id}")]
public sealed record Credential(string Id, string Provider, string Type, string Secret)
{
    /// <summary>The value of the Authorization header for a bearer credential.</summary>
    public string BearerHeader => "Bearer " + Secret;

    /// <summary>A description without the secret, for logs.</summary>
    public override string ToString() => $"{Provider} {Type} {Id}";
}

/// <summary>The value of a credentials pin, which names a credential without its secret (contract: semantics 4.1).</summary>
/// <param name="Id">The credential's id.</param>
/// <param name="Provider">The provider, for example <c>openai</c>.</param>
/// <param name="Type">The type of credential, for example <c>api_key</c>.</param>
/// <param name="Title">The label that the user gave it, or null.</param>
public sealed record CredentialsReference(string Id, string Provider, string Type, string? Title = null);
