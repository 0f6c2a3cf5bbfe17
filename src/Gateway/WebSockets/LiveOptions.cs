using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Projection;

namespace Grainflow.Gateway.WebSockets;

/// <summary>Limits of the live half of the server.</summary>
public sealed class LiveOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Live";

    /// <summary>The largest message of the server, in bytes; larger values in it are shortened from the middle (<c>max_message_size_limit</c>).</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How much of large inputs and outputs events show; follows from <see cref="MaxMessageBytes"/> where that is smaller.</summary>
    internal EventLimits EventLimits => new() { MapBytes = MaxMessageBytes / 2, BriefBytes = Math.Min(EventLimits.Default.BriefBytes, MaxMessageBytes / 2), HeldBytes = 4L * MaxMessageBytes };

    /// <summary>The largest message of a client, in bytes; a larger one closes the socket with 1009.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxClientMessageBytes { get; set; } = 64 * 1024;

    /// <summary>Sockets that may be open at this gateway; more are closed with 1013.</summary>
    [Range(1, 1_000_000)]
    public int MaxSockets { get; set; } = 20_000;

    /// <summary>Sockets of them that one user may have.</summary>
    [Range(1, 100_000)]
    public int MaxSocketsPerUser { get; set; } = 2000;

    /// <summary>Channels that one socket may subscribe to; more are refused with an error message.</summary>
    [Range(1, 100_000)]
    public int MaxSubscriptions { get; set; } = 1000;

    /// <summary>Messages that may wait for a slow client before its events are reduced to the latest of each kind.</summary>
    [Range(4, 1_000_000)]
    public int MaxWaitingMessages { get; set; } = 512;

    /// <summary>Bytes that may wait for a slow client, as above. A client that is four times behind is dropped.</summary>
    [Range(1024, int.MaxValue / 8)]
    public int MaxWaitingBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>How long a client may take to accept one message before it is dropped.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may take to answer a close.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the connection is probed, and how long the answer may take: a half-open one is found so.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the logs of watched runs are looked at without being told; also renews the registration as a listener.</summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromSeconds(10);
}
