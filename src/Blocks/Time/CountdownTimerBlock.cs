using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Time;

/// <summary>An attempt that is repeated after a crash waits the whole time again, so that no message comes too early.</summary>
[Block("d67a9c52-5e4e-11e2-bcfd-0800200c9a71", "Waits, then emits a message, optionally repeated.", "TEXT", EmitsSeveral = true, Waits = true, Effect = BlockEffect.None)]
internal sealed class CountdownTimerBlock : Block<CountdownTimerBlock.Input, CountdownTimerBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seconds = Number(input.Seconds, "seconds") + (60 * Number(input.Minutes, "minutes")) + (3600 * Number(input.Hours, "hours")) + (86_400 * Number(input.Days, "days"));
        for (var message = 0L; message < input.Repeat; message++)
        {
            await Sleep.ForAsync(seconds, context.Clock, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            yield return Emit(nameof(Output.OutputMessage), input.InputMessage);
        }
    }

    private static double Number(JsonElement value, string pin) =>
        WholeNumberPin.TryRead(value, out var number) ? number : throw new BlockException($"'{pin}' must be a whole number, not '{value.GetString()}'");

    internal sealed record Input
    {
        [Pin(Advanced = false)]
        public JsonElement InputMessage { get; init; } = JsonValues.From("timer finished");

        [Pin(Type = "integer|string", Advanced = false)]
        public JsonElement Seconds { get; init; } = JsonValues.From(0);

        [Pin(Type = "integer|string", Advanced = false)]
        public JsonElement Minutes { get; init; } = JsonValues.From(0);

        [Pin(Type = "integer|string", Advanced = false)]
        public JsonElement Hours { get; init; } = JsonValues.From(0);

        [Pin(Type = "integer|string", Advanced = false)]
        public JsonElement Days { get; init; } = JsonValues.From(0);

        public long Repeat { get; init; } = 1;
    }

    internal sealed record Output : BlockResult
    {
        public required JsonElement OutputMessage { get; init; }
    }
}
