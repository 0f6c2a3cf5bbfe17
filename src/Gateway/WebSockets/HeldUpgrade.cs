using Microsoft.AspNetCore.Http.Features;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Wraps the upgraded connection in a <see cref="HeldStream"/>; the web server makes the handshake as before.</summary>
internal sealed class HeldUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    /// <summary>The connection; null before the upgrade.</summary>
    public HeldStream? Connection { get; private set; }

    /// <inheritdoc/>
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() => Connection = new HeldStream(await inner.UpgradeAsync());
}
