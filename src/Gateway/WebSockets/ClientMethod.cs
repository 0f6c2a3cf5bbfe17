namespace Grainflow.Gateway.WebSockets;

/// <summary>What a client may ask for (contract: websocket, client to server).</summary>
internal enum ClientMethod
{
    SubscribeRun,
    SubscribeGraph,
    Unsubscribe,
    Heartbeat,

    /// <summary>An error message of the client: it gets no reply.</summary>
    Error,
}
