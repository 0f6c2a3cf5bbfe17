using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Gmail;

[Block("25310c70-b89b-43ba-b25c-4dfa7e2a481c", "Reads the mails that a search finds.", "COMMUNICATION", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class GmailReadBlock : Block<GmailReadBlock.Input, GmailReadBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var mails = await new GmailClient(context).SearchAsync(input.Query, input.MaxResults, cancellationToken);
        foreach (var mail in mails) yield return EmitObject(nameof(Output.Email), mail);
        yield return EmitObject(nameof(Output.Emails), mails);
    }

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/gmail.readonly"])]
        public required CredentialsReference Credentials { get; init; }

        public string Query { get; init; } = "is:unread";

        public long MaxResults { get; init; } = 10;
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public required Email Email { get; init; }

        public required IReadOnlyList<Email> Emails { get; init; }
    }
}
