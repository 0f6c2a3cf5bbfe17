using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>A pin that takes a reference to a credential; the secret itself comes in <see cref="BlockContext.Credentials"/>.</summary>
/// <param name="providers">The providers accepted.</param>
public class CredentialsPinAttribute(params string[] providers) : PinAttribute
{
    /// <summary>The credential types accepted.</summary>
    public string[] Types { get; init; } = ["api_key"];

    internal override PinType DeclaredType => PinTypes.Credentials(providers, Types);

    internal virtual CredentialsRequirement Requirement => new() { Providers = providers, Types = Types };
}
