using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Agents;

/// <summary>
/// The block of a sub-agent. Its pins are those of the graph that it names, and the platform runs that graph instead of this block
/// (contract: semantics 2.15).
/// </summary>
[Block("e189baac-8c20-45a1-94a7-55177ea42565", "Runs another graph and relays its outputs.", "AGENT", Kind = BlockKind.Agent)]
internal sealed class AgentExecutorBlock : PureBlock<AgentExecutorBlock.Input, AgentExecutorBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) =>
        throw new BlockException("A sub-agent runs only as part of a graph");

    internal sealed record Input
    {
        public required string UserId { get; init; }

        public required string GraphId { get; init; }

        public required long GraphVersion { get; init; }

        public string? AgentName { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Inputs { get; init; }

        [Pin(Type = "object")]
        public required JsonElement InputSchema { get; init; }

        [Pin(Type = "object")]
        public required JsonElement OutputSchema { get; init; }

        [Pin(Type = "map<object>?", Hidden = true, TypeSchema = """{"anyOf": [{"additionalProperties": {"additionalProperties": {}, "type": "object"}, "type": "object"}, {"type": "null"}]}""")]
        public JsonElement NodesInputMasks { get; init; }
    }

    internal sealed record Output;
}
