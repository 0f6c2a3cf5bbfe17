using System.Text;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Facts through the bytes that the log keeps.</summary>
internal static class StoredForm
{
    public static RunEvent Again(RunEvent fact) => RunEventCodec.Read(
        RunEventCodec.Kind(fact),
        RunEventCodec.Body(fact),
        fact is RunEvent.NodeOutput output ? (output.Pin, JsonValues.ParseUtf8(JsonValues.CompactUtf8(output.Value))) : null);

    /// <summary>All of a fact as text; equal texts are equal facts.</summary>
    public static string Text(RunEvent fact) =>
        RunEventCodec.Kind(fact) + Encoding.UTF8.GetString(RunEventCodec.Body(fact)) + (fact is RunEvent.NodeOutput output ? output.Pin + JsonValues.Compact(output.Value) : "");
}
