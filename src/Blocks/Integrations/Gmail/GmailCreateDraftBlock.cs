using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Gmail;

[Block("e1eeead4-46cb-491e-8281-17b6b9c44a55", "Stores a mail as a draft.", "COMMUNICATION", Effect = BlockEffect.Write)]
internal sealed class GmailCreateDraftBlock : Block<GmailCreateDraftBlock.Input, GmailCreateDraftBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (input.To.Count == 0 || input.Subject.Length == 0) throw new BlockException("At least one recipient and subject are required for creating a draft");
        var draft = new MailDraft { To = input.To, Cc = input.Cc, Bcc = input.Bcc, Subject = input.Subject, Body = input.Body, ContentType = input.ContentType, Attachments = input.Attachments };
        using var mail = await draft.MakeAsync(context, cancellationToken);
        var client = new GmailClient(context);
        var stored = await client.DraftAsync(mail, cancellationToken);
        yield return EmitObject(nameof(Output.Result), new GmailDraftResult { Id = client.NeedText(stored, "id"), MessageId = client.MessageIdOf(stored), Status = "draft_created" });
    }

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/gmail.modify"])]
        public required CredentialsReference Credentials { get; init; }

        public required IReadOnlyList<string> To { get; init; }

        public required string Subject { get; init; }

        public required string Body { get; init; }

        public IReadOnlyList<string> Cc { get; init; } = [];

        public IReadOnlyList<string> Bcc { get; init; } = [];

        [Pin(Type = "enum(auto|plain|html)?")]
        public string? ContentType { get; init; }

        [Pin(Type = "array<string:file>")]
        public IReadOnlyList<string> Attachments { get; init; } = [];
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public required GmailDraftResult Result { get; init; }
    }
}
