using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Input;

[Block("cbf36ab5-df4a-43b6-8a7f-f7ed8652116e", "Graph input switch, true or false.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed class AgentToggleInputBlock : AgentInputKind<AgentToggleInputBlock.Input, AgentToggleInputBlock.Output>
{
    internal sealed record Input : AgentInput
    {
        [Pin(Type = "boolean", Title = "Default Value", Advanced = false)]
        public override JsonElement Value { get; init; } = JsonValues.False;
    }

    internal sealed record Output
    {
        public required bool Result { get; init; }
    }
}
