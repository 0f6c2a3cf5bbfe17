using System.Diagnostics;

namespace Grainflow.Blocks.Http;

/// <summary>A server that a request is sent through, because the block's user has an account there.</summary>
/// <param name="Address">Its address, http and without a path.</param>
/// <param name="User">The name of the account.</param>
/// <param name="Password">The secret of the account.</param>
[DebuggerDisplay("{Address}")]
internal sealed record OutgoingProxy(Uri Address, string User, string Password)
{
    /// <summary>The address without the account.</summary>
    public override string ToString() => Address.ToString();
}
