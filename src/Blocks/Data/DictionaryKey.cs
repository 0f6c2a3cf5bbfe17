using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Data;

/// <summary>Looks up the key of a pin of type <c>string|integer</c> in an object.</summary>
internal static class DictionaryKey
{
    /// <summary>The value of a key that must exist. The names of JSON members are texts, so an integer is no key of any object.</summary>
    /// <param name="dictionary">An object.</param>
    /// <param name="key">A text or an integer.</param>
    /// <exception cref="BlockException">The object does not have the key.</exception>
    public static JsonElement Value(JsonElement dictionary, JsonElement key) =>
        (key.ValueKind == JsonValueKind.String ? dictionary.Member(key.GetString()!) : null) ?? throw new BlockException($"Key '{PythonText.Str(key)}' not found in dictionary");
}
