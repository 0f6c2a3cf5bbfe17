using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Webhooks;

[Block("8a74c2ad-0104-4640-962f-26c6b69e58cd", "Starts a graph when an order at Slant3D changes its state.", "DEVELOPER_TOOLS", Kind = BlockKind.Webhook, Effect = BlockEffect.None)]
[WebhookTrigger("slant3d", "orders", Resource = "", EventFilter = "events", EventFormat = "order.{event}")]
internal sealed class Slant3DOrderWebhookBlock() : Block<Slant3DOrderWebhookBlock.Input, Slant3DOrderWebhookBlock.Output>([])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        yield return Emit(nameof(Output.Payload), input.Payload);
        yield return Emit(nameof(Output.OrderId), input.Payload.RequireText("orderId"));
        yield return Emit(nameof(Output.Status), input.Payload.RequireText("status"));
        yield return Emit(nameof(Output.TrackingNumber), input.Payload.RequireText("trackingNumber"));
        yield return Emit(nameof(Output.CarrierCode), input.Payload.RequireText("carrierCode"));
    }

    internal sealed record Input
    {
        [CredentialsPin("slant3d")]
        public required CredentialsReference Credentials { get; init; }

        [Pin(Type = "object", Hidden = true)]
        public JsonElement Payload { get; init; } = JsonValues.EmptyObject;

        [Pin(Title = "Events")]
        public EventsFilter Events { get; init; } = new();
    }

    internal sealed record EventsFilter
    {
        public bool Shipped { get; init; } = true;
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "object")]
        public required JsonElement Payload { get; init; }

        public required string OrderId { get; init; }

        public required string Status { get; init; }

        public required string TrackingNumber { get; init; }

        public required string CarrierCode { get; init; }
    }
}
