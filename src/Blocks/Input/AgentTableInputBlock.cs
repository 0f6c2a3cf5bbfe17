using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Input;

[Block("5603b273-f41e-4020-af7d-fbc9c6a8d928", "Graph input table: rows as objects keyed by column.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed class AgentTableInputBlock : PureBlock<AgentTableInputBlock.Input, AgentTableInputBlock.Output>
{
    // Unlike other inputs, a missing value is emitted as an empty table.
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) =>
        [Emit(nameof(Output.Result), input.Value.IsNull() ? JsonValues.EmptyArray : input.Value)];

    internal sealed record Input : AgentInput
    {
        [Pin(Type = "array<object>?", Title = "Default Value", Advanced = false)]
        public override JsonElement Value { get; init; }

        [Pin(Advanced = false)]
        public IReadOnlyList<string> ColumnHeaders { get; init; } = ["Column 1", "Column 2", "Column 3"];
    }

    internal sealed record Output
    {
        [Pin(Type = "array<object>")]
        public required JsonElement Result { get; init; }
    }
}
