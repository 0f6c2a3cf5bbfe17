namespace Grainflow.Gateway.WebSockets;

/// <summary>Close codes that .NET has no name for: of a handshake without a valid token (contract: websocket, authentication; decision 4), and RFC 6455's registry.</summary>
internal static class CloseCodes
{
    public const int NoToken = 4001;
    public const int NoSubject = 4002;
    public const int InvalidToken = 4003;

    /// <summary>Try again later.</summary>
    public const int TryAgainLater = 1013;
}
