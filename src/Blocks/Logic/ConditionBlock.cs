using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Logic;

[Block("715696a0-e1da-45c8-b209-c2fa9c3b0be6", "Compares two values and routes to yes or no.", "LOGIC")]
internal sealed class ConditionBlock : PureBlock<ConditionBlock.Input, ConditionBlock.Output>
{
    public override bool IsBrief => true;

    // JSON has no infinity, but a number beyond the range of a float is compared like one.
    private static readonly JsonElement Infinity = JsonValues.Parse("1e999");
    private static readonly JsonElement NegativeInfinity = JsonValues.Parse("-1e999");

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var (left, right) = (Operand.Read(input.Value1), Operand.Read(input.Value2));
        var result = Compare(left, input.Operator, right);
        yield return Emit(nameof(Output.Result), result);

        // Without a no_value, value2 is emitted (contract: block-tiers, quirk 5).
        yield return result
            ? Emit(nameof(Output.YesOutput), input.YesValue.IsNull() ? left.Emitted : input.YesValue)
            : Emit(nameof(Output.NoOutput), input.NoValue.IsNull() ? right.Emitted : input.NoValue);
    }

    private static bool Compare(Operand left, string comparison, Operand right)
    {
        if (comparison == "==") return !left.IsNaN && !right.IsNaN && ValueEquality.AreEqual(left.Value, right.Value);
        if (comparison == "!=") return left.IsNaN || right.IsNaN || !ValueEquality.AreEqual(left.Value, right.Value);
        if (ValueOrder.Compare(left.Value, right.Value) is not { } order)
            throw new BlockException($"Comparison failed: '{comparison}' not supported between instances of '{PythonText.TypeName(left.Value)}' and '{PythonText.TypeName(right.Value)}'");
        if (left.IsNaN || right.IsNaN) return false;
        return comparison switch
        {
            ">" => order > 0,
            "<" => order < 0,
            ">=" => order >= 0,
            _ => order <= 0,
        };
    }

    private readonly record struct Operand(JsonElement Value, JsonElement Emitted, bool IsNaN)
    {
        public static Operand Read(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String) return new(value, value, IsNaN: false);
            var text = PythonText.Strip(value.GetString()!);
            if (!PythonNumber.TryParseFloat(text, out var number)) return new(JsonValues.From(text), JsonValues.From(text), IsNaN: false);
            var emitted = JsonValues.From(number);
            if (double.IsNaN(number)) return new(JsonValues.From(0), emitted, IsNaN: true);
            return new(double.IsFinite(number) ? emitted : number > 0 ? Infinity : NegativeInfinity, emitted, IsNaN: false);
        }
    }

    internal sealed record Input
    {
        public required JsonElement Value1 { get; init; }

        [Pin(Type = "enum(==|!=|>|<|>=|<=)", Title = "ComparisonOperator")]
        public required string Operator { get; init; }

        public required JsonElement Value2 { get; init; }

        public JsonElement YesValue { get; init; }

        public JsonElement NoValue { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required bool Result { get; init; }

        public required JsonElement YesOutput { get; init; }

        public required JsonElement NoOutput { get; init; }
    }
}
