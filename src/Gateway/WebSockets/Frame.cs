using System.Runtime.InteropServices;

namespace Grainflow.Gateway.WebSockets;

/// <summary>A message on its way to one client. All clients that get the same message share its bytes.</summary>
/// <param name="Bytes">The text of the message, UTF-8.</param>
/// <param name="Subject">What it shows: for a slow client, a later message with the same subject replaces it. Null for a reply, which is never replaced.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Frame(ReadOnlyMemory<byte> Bytes, (string Channel, Guid Node)? Subject);
