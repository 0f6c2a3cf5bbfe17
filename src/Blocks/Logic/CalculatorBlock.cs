using System.Numerics;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Logic;

[Block("b1ab9b19-67a6-406d-abf5-2dba76d00c79", "Add, subtract, multiply, divide or raise two numbers.", "LOGIC")]
internal sealed class CalculatorBlock : PureBlock<CalculatorBlock.Input, CalculatorBlock.Output>
{
    // A division by zero gives an infinity and a power that overflows gives NaN; both are emitted as JSON null.
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var result = Calculate(input.Operation, input.A, input.B);
        if (!input.RoundResult || !double.IsFinite(result)) return [Emit(nameof(Output.Result), result)];
        return [Emit(nameof(Output.Result), JsonValues.From(new BigInteger(Math.Round(result, MidpointRounding.ToEven))))];
    }

    private static double Calculate(string operation, double a, double b) => operation switch
    {
        "Add" => a + b,
        "Subtract" => a - b,
        "Multiply" => a * b,
        "Divide" => b == 0 ? double.PositiveInfinity : a / b,
        _ => Power(a, b),
    };

    private static double Power(double a, double b)
    {
        if (a == 0 && b < 0) return double.PositiveInfinity;
        var power = Math.Pow(a, b);
        return double.IsInfinity(power) ? double.NaN : power;
    }

    internal sealed record Input
    {
        [Pin(Type = "enum(Add|Subtract|Multiply|Divide|Power)")]
        public required string Operation { get; init; }

        public required double A { get; init; }

        public required double B { get; init; }

        public bool RoundResult { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required double Result { get; init; }
    }
}
