using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Time;

/// <summary>Reads the value of a pin of type <c>integer|string</c>, as Python's <c>int()</c> does.</summary>
internal static class WholeNumberPin
{
    /// <summary>Whether the value is a whole number or the text of one.</summary>
    /// <param name="value">A number or a text.</param>
    /// <param name="number">The number; 0 when the value is none.</param>
    public static bool TryRead(JsonElement value, out double number)
    {
        number = 0;
        if (value.ValueKind == JsonValueKind.Number)
        {
            number = value.GetDouble();
            return true;
        }

        if (!PythonNumber.TryParseWhole(value.GetString()!, radix: 10, out var whole)) return false;
        number = (double)whole;
        return true;
    }
}
