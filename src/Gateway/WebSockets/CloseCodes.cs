namespace Grainflow.Gateway.WebSockets;

/// <summary>Close codes for a handshake without a valid token (contract: websocket, authentication; decision 4).</summary>
internal static class CloseCodes
{
    public const int NoToken = 4001;
    public const int NoSubject = 4002;
    public const int InvalidToken = 4003;
}
