using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Gmail;

[Block("12bf5a24-9b90-4f40-9090-4e86e6995e60", "Answers a mail in its conversation.", "COMMUNICATION", Effect = BlockEffect.Irreversible)]
internal sealed class GmailReplyBlock : Block<GmailReplyBlock.Input, GmailReplyBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new GmailClient(context);
        var parent = await client.HeadersAsync(input.ParentMessageId, cancellationToken);
        var to = input.To.Count + input.Cc.Count + input.Bcc.Count > 0 ? input.To : RecipientsOf(parent, input.ReplyAll);
        var id = parent.GetValueOrDefault("message-id", "");
        var draft = new MailDraft
        {
            To = to,
            Cc = input.Cc,
            Bcc = input.Bcc,
            Subject = input.Subject.Length > 0 ? input.Subject : SubjectOf(parent.GetValueOrDefault("subject", "").Trim()),
            Body = input.Body,
            ContentType = input.ContentType,
            Attachments = input.Attachments,
            InReplyTo = id.Length > 0 ? id : null,
            References = [.. parent.GetValueOrDefault("references", "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), .. id.Length > 0 ? [id] : Array.Empty<string>()],
        };
        using var mail = await draft.MakeAsync(context, cancellationToken);
        var sent = await client.SendAsync(mail, input.ThreadId, cancellationToken);
        var thread = sent.Text("threadId") ?? input.ThreadId;
        yield return Emit(nameof(Output.MessageId), client.NeedText(sent, "id"));
        yield return Emit(nameof(Output.ThreadId), thread);
        yield return Emit(nameof(Output.Message), sent);
        yield return EmitObject(nameof(Output.Email), EmailOf(input, to, thread, sent));
    }

    private static IReadOnlyList<string> RecipientsOf(IReadOnlyDictionary<string, string> parent, bool all)
    {
        string Header(string name) => parent.GetValueOrDefault(name, "");
        if (all) return [.. MailAddresses.Of(Header("from")).Take(1).Concat(MailAddresses.Of(Header("to"))).Concat(MailAddresses.Of(Header("cc"))).Distinct(StringComparer.Ordinal)];
        return [.. MailAddresses.Of(Header("reply-to").Length > 0 ? Header("reply-to") : Header("from")).Take(1)];
    }

    private static string SubjectOf(string parent) => parent.StartsWith("re:", StringComparison.OrdinalIgnoreCase) ? parent : $"Re: {parent}".TrimEnd();

    // The vendor's answer to a sending has neither headers nor a body.
    private static Email EmailOf(Input input, IReadOnlyList<string> to, string thread, JsonElement sent) => new()
    {
        ThreadId = thread,
        LabelIds = [.. sent.Items("labelIds").Where(label => label.ValueKind == JsonValueKind.String).Select(label => label.GetString()!)],
        Id = sent.Text("id") ?? "",
        Subject = input.Subject,
        Snippet = sent.Text("snippet") ?? "",
        From = "",
        To = to,
        Cc = input.Cc,
        Bcc = input.Bcc,
        Date = "",
        Body = input.Body,
        SizeEstimate = sent.Whole("sizeEstimate") ?? 0,
        Attachments = [],
    };

    internal sealed record Input
    {
        [CredentialsPin("google", Types = [CredentialTypes.OAuth2], Scopes = ["https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/gmail.send"])]
        public required CredentialsReference Credentials { get; init; }

        [JsonPropertyName("threadId")]
        public required string ThreadId { get; init; }

        [JsonPropertyName("parentMessageId")]
        public required string ParentMessageId { get; init; }

        public IReadOnlyList<string> To { get; init; } = [];

        public IReadOnlyList<string> Cc { get; init; } = [];

        public IReadOnlyList<string> Bcc { get; init; } = [];

        [JsonPropertyName("replyAll")]
        public bool ReplyAll { get; init; }

        public string Subject { get; init; } = "";

        public required string Body { get; init; }

        [Pin(Type = "enum(auto|plain|html)?")]
        public string? ContentType { get; init; }

        [Pin(Type = "array<string:file>")]
        public IReadOnlyList<string> Attachments { get; init; } = [];
    }

    internal sealed record Output : BlockResult
    {
        [JsonPropertyName("messageId")]
        public required string MessageId { get; init; }

        [JsonPropertyName("threadId")]
        public required string ThreadId { get; init; }

        [Pin(Type = "object")]
        public required JsonElement Message { get; init; }

        public required Email Email { get; init; }
    }
}
