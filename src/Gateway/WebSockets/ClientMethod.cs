namespace Grainflow.Gateway.WebSockets;

/// <summary>The methods of messages from clients (contract: websocket, client to server).</summary>
internal enum ClientMethod
{
    SubscribeRun,
    SubscribeGraph,
    Unsubscribe,
    Heartbeat,

    /// <summary>An error message of the client, which gets no reply.</summary>
    Error,
}
