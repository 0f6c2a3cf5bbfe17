using Microsoft.AspNetCore.Http.Features;

namespace Grainflow.Gateway.WebSockets;

/// <summary>An upgrade of a connection to a <see cref="HeldStream"/>; the handshake stays that of the web server.</summary>
internal sealed class HeldUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    /// <summary>The connection, once it was upgraded.</summary>
    public HeldStream? Connection { get; private set; }

    /// <inheritdoc/>
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() => Connection = new HeldStream(await inner.UpgradeAsync());
}
