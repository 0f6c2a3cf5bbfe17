using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Input;

[Block("90a56ffb-7024-4b2b-ab50-e26c5e5ab8ba", "Graph input for multi-line text.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed class AgentLongTextInputBlock : AgentInputKind<AgentLongTextInputBlock.Input, AgentLongTextInputBlock.Output>
{
    internal sealed record Input : AgentInput
    {
        [Pin(Type = "string:long-text?", Title = "Default Value", Advanced = false)]
        public override JsonElement Value { get; init; }
    }

    internal sealed record Output
    {
        public required string Result { get; init; }
    }
}
