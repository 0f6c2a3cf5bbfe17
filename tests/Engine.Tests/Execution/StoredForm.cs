using System.Text;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Facts through the bytes that the log keeps.</summary>
internal static class StoredForm
{
    public static RunEvent Again(RunEvent runEvent) => RunEventCodec.Read(
        RunEventCodec.Kind(runEvent),
        RunEventCodec.Body(runEvent),
        runEvent is RunEvent.NodeOutput output ? (output.Pin, JsonValues.ParseUtf8(JsonValues.CompactUtf8(output.Value))) : null);

    /// <summary>The whole event as text; equal texts are equal events.</summary>
    public static string Text(RunEvent runEvent) =>
        RunEventCodec.Kind(runEvent) + Encoding.UTF8.GetString(RunEventCodec.Body(runEvent)) + (runEvent is RunEvent.NodeOutput output ? output.Pin + JsonValues.Compact(output.Value) : "");
}
