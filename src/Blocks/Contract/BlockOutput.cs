using System.Text.Json;

namespace Grainflow.Blocks.Contract;

/// <summary>One value that a block emits.</summary>
/// <param name="Pin">The output pin.</param>
/// <param name="Value">The value; JSON null is a value.</param>
public readonly record struct BlockOutput(string Pin, JsonElement Value);
