using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Basic;

[Block("cc10ff7b-7753-4ff2-9af6-9399b1a7eddc", "Sticky note on the canvas; never runs.", "BASIC", Kind = BlockKind.Note)]
internal sealed class NoteBlock : PureBlock<NoteBlock.Input, NoteBlock.Outputs>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Outputs.Output), input.Text)];

    internal sealed record Input
    {
        public required string Text { get; init; }
    }

    internal sealed record Outputs : BlockResult
    {
        public required string Output { get; init; }
    }
}
