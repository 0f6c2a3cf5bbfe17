using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Input;

[Block("c0a8e994-ebf1-4a9c-a4d8-89d09c86741b", "Graph input of any type; emits the value supplied at start.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed class AgentInputBlock : AgentInputKind<AgentInput, AgentInputBlock.Output>
{
    internal sealed record Output
    {
        public required JsonElement Result { get; init; }
    }
}
