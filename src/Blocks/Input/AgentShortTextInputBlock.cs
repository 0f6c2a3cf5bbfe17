using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Input;

[Block("7fcd3bcb-8e1b-4e69-903d-32d3d4a92158", "Graph input for one line of text.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed class AgentShortTextInputBlock : AgentInputKind<AgentShortTextInputBlock.Input, AgentShortTextInputBlock.Output>
{
    internal sealed record Input : AgentInput
    {
        [Pin(Type = "string:short-text?", Title = "Default Value", Advanced = false)]
        public override JsonElement Value { get; init; }
    }

    internal sealed record Output
    {
        public required string Result { get; init; }
    }
}
