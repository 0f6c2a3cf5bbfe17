using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Input;

[Block("655d6fdf-a334-421c-b733-520549c07cd1", "Graph input picked from a fixed list of options.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed class AgentDropdownInputBlock : AgentInputKind<AgentDropdownInputBlock.Input, AgentDropdownInputBlock.Output>
{
    internal sealed record Input : AgentInput
    {
        [Pin(Type = "string?", Title = "Default Value", Advanced = false)]
        public override JsonElement Value { get; init; }

        // The options are only for the form of the user interface: a value that is not among them is accepted.
        [Pin(Title = "Dropdown Options", Advanced = false)]
        public override IReadOnlyList<JsonElement> PlaceholderValues { get; init; } = [];
    }

    internal sealed record Output
    {
        public required string Result { get; init; }
    }
}
