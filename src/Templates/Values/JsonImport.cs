using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>Turns JSON into the values of a template. They are copies: a template that changes a list changes only its own.</summary>
internal static class JsonImport
{
    public static object From(JsonElement json, RenderState state) => json.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => json.GetString()!,
        JsonValueKind.Number => Number(json.GetRawText()),
        JsonValueKind.Array => new ListValue(json.EnumerateArray().Select(item => From(item, state))),
        JsonValueKind.Object => Dict(json, state),
        _ => None.Value,
    };

    // A number with a fraction or an exponent is a float, 5.0 included.
    private static object Number(string text) =>
        text.AsSpan().IndexOfAny(".eE") >= 0
            ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
            : text.Length <= PythonNumber.MaxDigits
                ? BigInteger.Parse(text, CultureInfo.InvariantCulture)
                : throw TemplateErrors.Limit($"{PythonNumber.MaxDigits} digits");

    private static DictValue Dict(JsonElement json, RenderState state)
    {
        var dict = new DictValue(state);
        foreach (var member in json.EnumerateObject()) dict[member.Name] = From(member.Value, state);
        return dict;
    }
}
