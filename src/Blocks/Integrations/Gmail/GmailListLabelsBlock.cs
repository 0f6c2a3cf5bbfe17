using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Gmail;

[Block("3e1c2c1c-c689-4520-b956-1f3bf4e02bb7", "Lists the labels of the mailbox.", "COMMUNICATION", Effect = BlockEffect.Read)]
internal sealed class GmailListLabelsBlock : Block<GmailListLabelsBlock.Input, GmailListLabelsBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var labels = await new GmailClient(context).LabelsAsync(cancellationToken);
        yield return EmitObject(nameof(Output.Result), labels.Select(label => new { id = label.Id, name = label.Name }));
    }

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/gmail.labels"])]
        public required CredentialsReference Credentials { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "array<object>")]
        public required JsonElement Result { get; init; }
    }
}
