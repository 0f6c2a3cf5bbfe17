using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Projection;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Limits of WebSocket connections and live events. Settings are named <c>Live:</c> and the name of the property.</summary>
public sealed class LiveOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Live";

    /// <summary>The largest message of the server, in bytes; 16 MiB by default (contract: <c>max_message_size_limit</c>). Larger values in it are cut in the middle.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How much of large inputs and outputs live events show and a follower holds: the defaults, and shares of <see cref="MaxMessageBytes"/>.</summary>
    internal EventLimits EventLimits => new() { MapBytes = MaxMessageBytes / 2, BriefBytes = Math.Min(EventLimits.Default.BriefBytes, MaxMessageBytes / 2), HeldBytes = 4L * MaxMessageBytes };

    /// <summary>The largest message of a client, in bytes; 64 KiB by default. A larger one closes the socket with 1009.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxClientMessageBytes { get; set; } = 64 * 1024;

    /// <summary>How many sockets this gateway may have open; 20,000 by default. Further ones are closed with 1013.</summary>
    [Range(1, 1_000_000)]
    public int MaxSockets { get; set; } = 20_000;

    /// <summary>How many of them one user may have; 2,000 by default. Further ones are closed with 1013.</summary>
    [Range(1, 100_000)]
    public int MaxSocketsPerUser { get; set; } = 2000;

    /// <summary>How many channels one socket may subscribe to; 1,000 by default. Further ones are refused with an error message.</summary>
    [Range(1, 100_000)]
    public int MaxSubscriptions { get; set; } = 1000;

    /// <summary>How many messages may wait for a client; 512 by default. Beyond, only the latest event of each run and node execution stays; a client four times behind is dropped.</summary>
    [Range(4, 1_000_000)]
    public int MaxWaitingMessages { get; set; } = 512;

    /// <summary>How many bytes may wait for a client; 32 MiB by default. Beyond, as with <see cref="MaxWaitingMessages"/>.</summary>
    [Range(1024, int.MaxValue / 8)]
    public int MaxWaitingBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>How long a client may take to accept a message; 30 seconds by default. A slower client is dropped.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may take to answer a close; 5 seconds by default. Then the connection is ended without an answer.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a connection is pinged, and how long the answer may take; 30 seconds by default. Without an answer the connection is half open and is ended.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often the logs of runs with subscriptions are checked without a notice, and the registration for notices is renewed; 10 seconds by default. It must be
    /// shorter than the lifetime of a registration, which is a minute.
    /// </summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromSeconds(10);
}
