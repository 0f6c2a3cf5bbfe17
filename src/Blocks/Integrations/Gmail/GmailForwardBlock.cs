using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Gmail;

[Block("64d2301c-b3f5-4174-8ac0-111ca1e1a7c0", "Forwards a mail with its files.", "COMMUNICATION", Effect = BlockEffect.Irreversible)]
internal sealed class GmailForwardBlock : Block<GmailForwardBlock.Input, GmailForwardBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (input.To.Count == 0) throw new BlockException("At least one recipient is required for forwarding");
        var client = new GmailClient(context);
        var original = await client.MessageAsync(ApiRequest.Segment(input.MessageId, "messageId"), cancellationToken);
        var headers = GmailClient.HeadersOf(original);
        var subject = headers.GetValueOrDefault("subject", "No Subject");
        var files = new List<(string Name, byte[] Content)>();
        if (input.IncludeAttachments)
            foreach (var attachment in GmailClient.AttachmentsOf(original)) files.Add((attachment.Filename, await client.AttachmentAsync(input.MessageId, attachment.AttachmentId, cancellationToken)));
        var draft = new MailDraft
        {
            To = input.To,
            Cc = input.Cc,
            Bcc = input.Bcc,
            Subject = input.Subject.Length > 0 ? input.Subject : subject.StartsWith("fwd:", StringComparison.OrdinalIgnoreCase) ? subject : $"Fwd: {subject}",
            Body = BodyOf(input.ForwardMessage, headers, subject, await client.BodyAsync(original, cancellationToken)),
            ContentType = input.ContentType,
            Files = files,
            Attachments = input.AdditionalAttachments,
        };
        using var mail = await draft.MakeAsync(context, cancellationToken);
        var sent = await client.SendAsync(mail, threadId: null, cancellationToken);
        yield return Emit(nameof(Output.MessageId), client.NeedText(sent, "id"));
        yield return Emit(nameof(Output.ThreadId), sent.Text("threadId") ?? "");
        yield return Emit(nameof(Output.Status), "forwarded");
    }

    private static string BodyOf(string message, IReadOnlyDictionary<string, string> headers, string subject, string body)
    {
        string Header(string name) => headers.GetValueOrDefault(name, "Unknown");
        var forwarded = $"---------- Forwarded message ---------\nFrom: {Header("from")}\nDate: {Header("date")}\nSubject: {subject}\nTo: {Header("to")}\n\n{body}";
        return message.Length > 0 ? $"{message}\n\n{forwarded}" : forwarded;
    }

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/gmail.send"])]
        public required CredentialsReference Credentials { get; init; }

        [JsonPropertyName("messageId")]
        public required string MessageId { get; init; }

        public required IReadOnlyList<string> To { get; init; }

        public IReadOnlyList<string> Cc { get; init; } = [];

        public IReadOnlyList<string> Bcc { get; init; } = [];

        public string Subject { get; init; } = "";

        [JsonPropertyName("forwardMessage")]
        public string ForwardMessage { get; init; } = "";

        [JsonPropertyName("includeAttachments")]
        public bool IncludeAttachments { get; init; } = true;

        [Pin(Type = "enum(auto|plain|html)?")]
        public string? ContentType { get; init; }

        [Pin(Type = "array<string:file>")]
        [JsonPropertyName("additionalAttachments")]
        public IReadOnlyList<string> AdditionalAttachments { get; init; } = [];
    }

    internal sealed record Output : BlockResult
    {
        [JsonPropertyName("messageId")]
        public required string MessageId { get; init; }

        [JsonPropertyName("threadId")]
        public required string ThreadId { get; init; }

        public required string Status { get; init; }
    }
}
