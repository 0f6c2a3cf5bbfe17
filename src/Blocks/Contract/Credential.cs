using System.Diagnostics;

namespace Grainflow.Blocks.Contract;

/// <summary>A secret that belongs to one credentials pin for the time of one block run (contract: semantics 4.1).</summary>
/// <param name="Id">The credential's id.</param>
/// <param name="Provider">For example <c>openai</c>.</param>
/// <param name="Type"><c>api_key</c>, <c>oauth2</c>, <c>user_password</c> or <c>host_scoped</c>.</param>
/// <param name="Secret">The key or token itself. Never logged, never emitted.</param>
[DebuggerDisplay("{Provider} {Type} {Id}")]
public sealed record Credential(string Id, string Provider, string Type, string Secret)
{
    /// <summary>The value of the Authorization header for a bearer credential.</summary>
    public string BearerHeader => "Bearer " + Secret;

    /// <summary>Names the credential without its secret.</summary>
    public override string ToString() => $"{Provider} {Type} {Id}";
}
