using Grainflow.Blocks.Contract;

namespace Grainflow.Grains.Credentials;

/// <summary>The lease of a credential that nobody changes: one of the platform, or of a scenario.</summary>
/// <param name="credential">The credential.</param>
public sealed class FixedLease(Credential credential) : CredentialLease
{
    /// <inheritdoc/>
    public override Credential Credential => credential;

    /// <inheritdoc/>
    public override long Fence => 0;

    /// <inheritdoc/>
    public override CancellationToken Lost => CancellationToken.None;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
