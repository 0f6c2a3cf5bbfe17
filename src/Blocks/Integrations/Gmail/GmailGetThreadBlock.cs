using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Gmail;

[Block("21a79166-9df7-4b5f-9f36-96f639d86112", "Reads a conversation with all its mails.", "COMMUNICATION", Effect = BlockEffect.Read)]
internal sealed class GmailGetThreadBlock : Block<GmailGetThreadBlock.Input, GmailGetThreadBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return EmitObject(nameof(Output.Thread), await new GmailClient(context).ThreadAsync(input.ThreadId, cancellationToken));
    }

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/gmail.readonly"])]
        public required CredentialsReference Credentials { get; init; }

        [JsonPropertyName("threadId")]
        public required string ThreadId { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required Thread Thread { get; init; }
    }
}
