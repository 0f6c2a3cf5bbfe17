using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Gmail;

[Block("0afc0526-aba1-4b2b-888e-a22b7c3f359d", "Removes a label from a mail.", "COMMUNICATION", Effect = BlockEffect.Write)]
internal sealed class GmailRemoveLabelBlock : Block<GmailRemoveLabelBlock.Input, GmailRemoveLabelBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new GmailClient(context);
        var labels = await client.LabelsAsync(cancellationToken);
        var id = labels.FirstOrDefault(label => label.Name == input.LabelName).Id;
        if (id is not null) await client.ModifyAsync(input.MessageId, add: null, remove: id, cancellationToken);
        yield return EmitObject(nameof(Output.Result), new GmailLabelResult { LabelId = id ?? "", Status = id is null ? "Label not found" : "Label removed successfully" });
    }

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/gmail.modify"])]
        public required CredentialsReference Credentials { get; init; }

        public required string MessageId { get; init; }

        public required string LabelName { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public required GmailLabelResult Result { get; init; }
    }
}
