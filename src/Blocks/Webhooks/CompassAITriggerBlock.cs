using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Webhooks;

[Block("9464a020-ed1d-49e1-990f-7f2ac924a2b7", "Starts a graph when a transcription arrives from Compass, and outputs its text.", "HARDWARE", Kind = BlockKind.WebhookManual, Effect = BlockEffect.None)]
[WebhookTrigger("compass", "transcription")]
internal sealed class CompassAITriggerBlock : PureBlock<CompassAITriggerBlock.Input, CompassAITriggerBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) => [Emit(nameof(Output.Transcription), input.Payload.Transcription)];

    internal sealed record Input
    {
        [Pin(Hidden = true)]
        public required TranscriptionDataModel Payload { get; init; }
    }

    internal sealed record TranscriptionDataModel
    {
        public required string Date { get; init; }

        public required string Transcription { get; init; }

        public required IReadOnlyList<Transcription> Transcriptions { get; init; }
    }

    internal sealed record Transcription
    {
        public required string Text { get; init; }

        public required string Speaker { get; init; }

        public required double End { get; init; }

        public required double Start { get; init; }

        public required double Duration { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Transcription { get; init; }
    }
}
