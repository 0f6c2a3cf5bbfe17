using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Grains.Tests.Support;

/// <summary>A block that takes any pin and does what it is given.</summary>
internal sealed class ScriptedBlock(
    string id, string name, IReadOnlyList<CostRule> costs,
    Func<JsonElement, BlockContext, CancellationToken, IAsyncEnumerable<BlockOutput>> run, bool effectFree = false, bool waits = false, params IReadOnlyList<PinDefinition> inputs) : IBlock
{
    public BlockDefinition Definition { get; } = new()
    {
        Id = id,
        Name = name,
        AcceptsAnyPin = true,
        InputSchema = JsonValues.EmptyObject,
        OutputSchema = JsonValues.EmptyObject,
        Costs = costs,
        EffectFree = effectFree,
        Inputs = inputs,
        Waits = waits,
    };

    public IAsyncEnumerable<BlockOutput> RunAsync(JsonElement input, BlockContext context, CancellationToken cancellationToken) =>
        run(input, context, cancellationToken);
}
