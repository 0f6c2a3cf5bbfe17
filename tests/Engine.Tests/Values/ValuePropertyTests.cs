using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

public sealed class ValuePropertyTests
{
    private static readonly string[] Texts = ["", "a", " 12 ", "5.9", "true", "[1, \"x\"]", "{\"k\": 2}", "é😀", "[bad]", "\n\"\\"];

    private static readonly Gen<JsonElement> Leaf = Gen.OneOf(
        Gen.Constant(JsonValues.Null),
        Gen.Elements(JsonValues.True, JsonValues.False),
        Gen.Choose(-1000, 1000).Select(n => JsonValues.From(n)),
        Gen.Choose(-1000, 1000).Select(n => JsonValues.From(n / 8.0)),
        Gen.Elements(Texts).Select(JsonValues.From));

    private static readonly Gen<JsonElement> Values = Gen.Sized(size => OfDepth(Math.Min(3, size / 10)));

    private static readonly Gen<PinType> Types = Gen.Elements(
        "string", "integer", "number", "boolean", "array", "object", "any", "array<string>", "array<number>", "map<boolean>", "array<map<string>>", "string|integer", "integer?").Select(PinTypes.Parse);

    [Fact]
    public void Converting_twice_is_converting_once() => ForAll(Values, Types, (value, type) =>
    {
        var once = Convert(value, type);
        return PythonText.Repr(Convert(once, type)) == PythonText.Repr(once);
    });

    // A boolean counts as an integer when converted, but not when checked.
    [Fact]
    public void What_was_converted_fits_the_pin() => ForAll(Values, Types, (value, type) =>
    {
        var converted = Convert(value, type);
        return converted.IsNull() || converted.ValueKind is JsonValueKind.True or JsonValueKind.False || SchemaCheck.Find(converted, type) is null;
    });

    [Fact]
    public void Both_text_forms_read_back_as_the_same_value() => ForAll(Values, Types, (value, _) =>
        ValueEquality.AreEqual(value, JsonValues.Parse(PythonText.Json(value))) && ValueEquality.AreEqual(value, JsonValues.Parse(JsonValues.Compact(value))));

    [Fact]
    public void Order_is_the_same_from_both_sides() => Prop.ForAll(Values.ToArbitrary(), Values.ToArbitrary(), (left, right) =>
    {
        var order = ValueOrder.Compare(left, right);
        var (forward, back) = (order is { } f ? Math.Sign(f) : (int?)null, ValueOrder.Compare(right, left) is { } b ? -Math.Sign(b) : (int?)null);
        return forward == back && (order != 0 || ValueEquality.AreEqual(left, right)) && ValueEquality.AreEqual(left, left);
    }).QuickCheckThrowOnFailure();

    private static JsonElement Convert(JsonElement value, PinType type) => Coercion.TryConvert(value, type, out var result, out _) ? result : value;

    private static Gen<JsonElement> OfDepth(int depth)
    {
        if (depth == 0) return Leaf;
        var inner = OfDepth(depth - 1);
        return Gen.OneOf(
            Leaf,
            inner.ArrayOf().Select(elements => JsonValues.Array(elements)),
            Gen.Zip(Gen.Elements("a", "b", "value", "é"), inner).ArrayOf().Select(members => JsonValues.Object(members.Select(m => KeyValuePair.Create(m.Item1, m.Item2)))));
    }

    private static void ForAll(Gen<JsonElement> values, Gen<PinType> types, Func<JsonElement, PinType, bool> holds) =>
        Prop.ForAll(values.ToArbitrary(), types.ToArbitrary(), holds).QuickCheckThrowOnFailure();
}
