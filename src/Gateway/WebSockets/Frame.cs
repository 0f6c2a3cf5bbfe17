using System.Runtime.InteropServices;

namespace Grainflow.Gateway.WebSockets;

/// <summary>A message on its way to one client. The bytes are shared by all that get the same.</summary>
/// <param name="Bytes">The text of the message, UTF-8.</param>
/// <param name="Subject">What it shows, so that a later one with the same subject can stand for it; null for a reply, which nothing replaces.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Frame(ReadOnlyMemory<byte> Bytes, (string Channel, Guid Node)? Subject);
