using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Gmail;

[Block("f884b2fb-04f4-4265-9658-14f433926ac9", "Adds a label to a mail, and makes the label when there is none of that name.", "COMMUNICATION", Effect = BlockEffect.Write)]
internal sealed class GmailAddLabelBlock : Block<GmailAddLabelBlock.Input, GmailAddLabelBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new GmailClient(context);
        var labels = await client.LabelsAsync(cancellationToken);
        var id = labels.FirstOrDefault(label => label.Name == input.LabelName).Id ?? await client.CreateLabelAsync(input.LabelName, cancellationToken);
        var hasLabels = await client.ModifyAsync(input.MessageId, add: id, remove: null, cancellationToken);
        yield return EmitObject(nameof(Output.Result), new GmailLabelResult { LabelId = id, Status = hasLabels ? "Label added successfully" : "Label already applied or not found" });
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
