namespace Grainflow.Gateway.WebSockets;

/// <summary>Close codes that <see cref="System.Net.WebSockets.WebSocketCloseStatus"/> does not have.</summary>
internal static class CloseCodes
{
    /// <summary>The handshake has no token (contract: websocket, authentication; decision 4).</summary>
    public const int NoToken = 4001;

    /// <summary>The token has no <c>sub</c>.</summary>
    public const int NoSubject = 4002;

    /// <summary>The token is not valid.</summary>
    public const int InvalidToken = 4003;

    /// <summary>There are too many connections, or the token cannot be checked now (IANA registry of close codes).</summary>
    public const int TryAgainLater = 1013;
}
