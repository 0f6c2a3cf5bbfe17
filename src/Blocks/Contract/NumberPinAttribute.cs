using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>Marks a number with a range, which forms show. The block checks it, because a value may come from another block.</summary>
public sealed class NumberPinAttribute : PinAttribute
{
    /// <summary>The least value.</summary>
    public required long Minimum { get; init; }

    /// <summary>The greatest value.</summary>
    public required long Maximum { get; init; }

    internal override void Extend(IDictionary<string, JsonElement> schema)
    {
        schema["minimum"] = JsonValues.From(Minimum);
        schema["maximum"] = JsonValues.From(Maximum);
    }
}
