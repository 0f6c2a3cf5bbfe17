using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>Marks a pin whose value is a reference to a credential. The block gets the secret in <see cref="BlockContext.Credentials"/>.</summary>
/// <param name="providers">The accepted providers.</param>
public class CredentialsPinAttribute(params string[] providers) : PinAttribute
{
    /// <summary>The accepted types of credentials.</summary>
    public string[] Types { get; init; } = ["api_key"];

    /// <summary>The scopes that a credential of type <c>oauth2</c> needs.</summary>
    public string[] Scopes { get; init; } = [];

    /// <summary>
    /// Whether the published schema of the value leaves open which provider and which of the types without a host it has, as the contract does for some integrations. What is accepted
    /// stands beside it all the same.
    /// </summary>
    public bool IsOpen { get; init; }

    internal override PinType DeclaredType => PinTypes.Credentials(providers, Types);

    internal virtual CredentialsRequirement Requirement => new() { Providers = providers, Types = Types, Scopes = Scopes };
}
