using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Gmail;

[Block("6c27abc2-e51d-499e-a85f-5a0041ba94f0", "Sends a mail.", "COMMUNICATION", Effect = BlockEffect.Irreversible)]
internal sealed class GmailSendBlock : Block<GmailSendBlock.Input, GmailSendBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (input.To.Count == 0 || input.Subject.Length == 0 || input.Body.Length == 0) throw new BlockException("At least one recipient, subject, and body are required for sending an email");
        var draft = new MailDraft { To = input.To, Cc = input.Cc, Bcc = input.Bcc, Subject = input.Subject, Body = input.Body, ContentType = input.ContentType, Attachments = input.Attachments };
        using var mail = await draft.MakeAsync(context, cancellationToken);
        var client = new GmailClient(context);
        var sent = await client.SendAsync(mail, threadId: null, cancellationToken);
        yield return EmitObject(nameof(Output.Result), new GmailSendResult { Id = client.NeedText(sent, "id"), Status = "sent" });
    }

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/gmail.send"])]
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

        public required GmailSendResult Result { get; init; }
    }
}
