using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Webhooks;

[Block("8fa8c167-2002-47ce-aba8-97572fc5d387", "Starts a graph from any incoming webhook.", "INPUT", Kind = BlockKind.WebhookManual, Effect = BlockEffect.None)]
[WebhookTrigger("generic_webhook", "plain")]
internal sealed class GenericWebhookTriggerBlock : PureBlock<GenericWebhookTriggerBlock.Input, GenericWebhookTriggerBlock.Output>
{
    public override bool IsBrief => true;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context) =>
        [Emit(nameof(Output.Constants), input.Constants), Emit(nameof(Output.Payload), input.Payload)];

    internal sealed record Input
    {
        [Pin(Type = "object", Hidden = true)]
        public JsonElement Payload { get; init; } = JsonValues.EmptyObject;

        [Pin(Type = "object")]
        public JsonElement Constants { get; init; } = JsonValues.EmptyObject;
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object")]
        public required JsonElement Payload { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Constants { get; init; }
    }
}
