using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using MimeKit;

namespace Grainflow.Blocks.Integrations.Gmail;

/// <summary>The mailbox of the user who gave the credential.</summary>
/// <param name="context">The node execution.</param>
internal sealed class GmailClient(BlockContext context)
{
    private const string Root = "/gmail/v1/users/me";

    private const string MetadataScope = "https://www.googleapis.com/auth/gmail.metadata";

    // The most that the vendor gives in one answer.
    private const int PageSize = 500;

    private const int MostMails = 1000;

    private const int MostNestedParts = 10;

    private static readonly Vendor Google = new("gmail", "Gmail", "https://gmail.googleapis.com") { LimitsRate = GoogleErrors.LimitRate };

    private readonly ApiClient _client = new(Google, context);

    /// <summary>The mails that a search finds, newest first.</summary>
    /// <param name="query">The search in Gmail's notation; "" for all mails.</param>
    /// <param name="most">The most mails; 0 and less for 10.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">More than 1,000 mails are asked for, or a request failed.</exception>
    public async Task<IReadOnlyList<Email>> SearchAsync(string query, long most, CancellationToken cancellationToken)
    {
        if (most > MostMails) throw new BlockException($"'max_results' must be at most {MostMails}");
        var wanted = most > 0 ? (int)most : 10;
        var ids = new List<string>();
        for (string? page = null; ;)
        {
            var answer = await _client.GetAsync($"{Root}/messages{ApiRequest.Query(
                ("maxResults", Math.Min(PageSize, wanted - ids.Count).ToString(CultureInfo.InvariantCulture)),
                ("q", query.Length > 0 && !HasMetadataOnly ? query : null),
                ("pageToken", page))}", cancellationToken);
            ids.AddRange(answer.Items("messages").Select(message => _client.NeedText(message, "id")).Take(wanted - ids.Count));
            page = answer.Text("nextPageToken");
            if (page is null || ids.Count >= wanted) break;
        }

        var mails = new List<Email>(ids.Count);
        foreach (var id in ids) mails.Add(await ReadAsync(await MessageAsync(id, cancellationToken), cancellationToken));
        return mails;
    }

    /// <summary>A mail as the vendor has it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public Task<JsonElement> MessageAsync(string id, CancellationToken cancellationToken) =>
        _client.GetAsync($"{Root}/messages/{Uri.EscapeDataString(id)}?format={(HasMetadataOnly ? "metadata" : "full")}", cancellationToken);

    /// <summary>The headers of a mail that an answer to it needs, by name in lower case.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<IReadOnlyDictionary<string, string>> HeadersAsync(string id, CancellationToken cancellationToken)
    {
        string[] wanted = ["Subject", "References", "Message-ID", "From", "To", "Cc", "Reply-To"];
        var query = ApiRequest.Query([("format", "metadata"), .. wanted.Select(name => ("metadataHeaders", (string?)name))]);
        return HeadersOf(await _client.GetAsync($"{Root}/messages/{ApiRequest.Segment(id, "parentMessageId")}{query}", cancellationToken));
    }

    /// <summary>A conversation.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">A request failed.</exception>
    public async Task<Thread> ThreadAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await _client.GetAsync($"{Root}/threads/{ApiRequest.Segment(id, "threadId")}?format={(HasMetadataOnly ? "metadata" : "full")}", cancellationToken);
        var mails = new List<Email>();
        foreach (var message in answer.Items("messages")) mails.Add(await ReadAsync(message, cancellationToken));
        return new Thread { Id = _client.NeedText(answer, "id"), Messages = mails, HistoryId = answer.Text("historyId") ?? "" };
    }

    /// <summary>Reads a mail.</summary>
    /// <param name="message">The mail as the vendor has it.</param>
    /// <param name="cancellationToken">Cancels the requests for a text that is stored apart.</param>
    /// <exception cref="BlockException">It is not what the vendor describes.</exception>
    public async Task<Email> ReadAsync(JsonElement message, CancellationToken cancellationToken)
    {
        var headers = HeadersOf(message);
        return new Email
        {
            ThreadId = message.Text("threadId") ?? "",
            LabelIds = [.. message.Items("labelIds").Where(label => label.ValueKind == JsonValueKind.String).Select(label => label.GetString()!)],
            Id = _client.NeedText(message, "id"),
            Subject = headers.GetValueOrDefault("subject", "No Subject"),
            Snippet = message.Text("snippet") ?? "",
            From = MailAddresses.Of(headers.GetValueOrDefault("from", "")).FirstOrDefault(""),
            To = MailAddresses.Of(headers.GetValueOrDefault("to", "")),
            Cc = MailAddresses.Of(headers.GetValueOrDefault("cc", "")),
            Bcc = MailAddresses.Of(headers.GetValueOrDefault("bcc", "")),
            Date = headers.GetValueOrDefault("date", ""),
            Body = await BodyAsync(message, cancellationToken),
            SizeEstimate = message.Whole("sizeEstimate") ?? 0,
            Attachments = [.. AttachmentsOf(message)],
        };
    }

    /// <summary>The text of a mail: its plain text, or its HTML as text.</summary>
    /// <param name="message">The mail as the vendor has it.</param>
    /// <param name="cancellationToken">Cancels the requests for a text that is stored apart.</param>
    public async Task<string> BodyAsync(JsonElement message, CancellationToken cancellationToken)
    {
        var text = message.Member("payload") is { } payload ? await FindTextAsync(payload, message.Text("id") ?? "", 0, cancellationToken) : null;
        return string.IsNullOrEmpty(text) ? "This email does not contain a readable body." : text;
    }

    /// <summary>The headers of a mail by name in lower case; of several with one name the first.</summary>
    /// <param name="message">The mail as the vendor has it.</param>
    public static IReadOnlyDictionary<string, string> HeadersOf(JsonElement message)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in (message.Member("payload") ?? default).Items("headers"))
            if (header.Text("name") is { } name && header.Text("value") is { } value) headers.TryAdd(name.ToLowerInvariant(), value);
        return headers;
    }

    /// <summary>The files of a mail.</summary>
    /// <param name="message">The mail as the vendor has it.</param>
    public static IEnumerable<Attachment> AttachmentsOf(JsonElement message) =>
        from part in (message.Member("payload") ?? default).Items("parts")
        let body = part.Member("body") ?? default
        where part.Text("filename") is { Length: > 0 } && body.Text("attachmentId") is not null
        select new Attachment
        {
            Filename = part.Text("filename")!,
            ContentType = part.Text("mimeType") ?? "application/octet-stream",
            Size = body.Whole("size") ?? 0,
            AttachmentId = body.Text("attachmentId")!,
        };

    /// <summary>The content of a file of a mail.</summary>
    /// <param name="messageId">The mail.</param>
    /// <param name="attachmentId">The file.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed, or the answer is no content.</exception>
    public async Task<byte[]> AttachmentAsync(string messageId, string attachmentId, CancellationToken cancellationToken)
    {
        var answer = await _client.GetAsync($"{Root}/messages/{Uri.EscapeDataString(messageId)}/attachments/{Uri.EscapeDataString(attachmentId)}", cancellationToken);
        return Decode(_client.NeedText(answer, "data")) ?? throw _client.Malformed("'data' is not base64");
    }

    /// <summary>Sends a mail, and returns it as the vendor has it. The vendor takes no key by which it would recognise a second sending; the id of the mail tells recipients.</summary>
    /// <param name="mail">The mail.</param>
    /// <param name="threadId">The conversation that it belongs to, or null.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed; it says when the mail may have been sent.</exception>
    public Task<JsonElement> SendAsync(MimeMessage mail, string? threadId, CancellationToken cancellationToken) =>
        _client.PostAsync($"{Root}/messages/send", new { threadId, raw = RawOf(mail) }, cancellationToken);

    /// <summary>Stores a mail as a draft, and returns the draft as the vendor has it.</summary>
    /// <param name="mail">The mail.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public Task<JsonElement> DraftAsync(MimeMessage mail, CancellationToken cancellationToken) =>
        _client.PostAsync($"{Root}/drafts", new { message = new { raw = RawOf(mail) } }, cancellationToken);

    /// <summary>Id and name of each label of the mailbox.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<IReadOnlyList<(string Id, string Name)>> LabelsAsync(CancellationToken cancellationToken)
    {
        var answer = await _client.GetAsync($"{Root}/labels", cancellationToken);
        return [.. answer.Items("labels").Select(label => (_client.NeedText(label, "id"), _client.NeedText(label, "name")))];
    }

    /// <summary>Makes a label, and returns its id.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<string> CreateLabelAsync(string name, CancellationToken cancellationToken) =>
        _client.NeedText(await _client.PostAsync($"{Root}/labels", new { name }, cancellationToken), "id");

    /// <summary>Changes the labels of a mail, and returns whether it has any afterwards.</summary>
    /// <param name="messageId">The mail.</param>
    /// <param name="add">The label to add, or null.</param>
    /// <param name="remove">The label to remove, or null.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<bool> ModifyAsync(string messageId, string? add, string? remove, CancellationToken cancellationToken)
    {
        var body = new { addLabelIds = add is null ? null : new[] { add }, removeLabelIds = remove is null ? null : new[] { remove } };
        var answer = await _client.PostAsync($"{Root}/messages/{ApiRequest.Segment(messageId, "message_id")}/modify", body, cancellationToken);
        return answer.Items("labelIds").Any();
    }

    /// <summary>The text of that member of an answer.</summary>
    /// <inheritdoc cref="ApiClient.NeedText"/>
    public string NeedText(JsonElement answer, string name) => _client.NeedText(answer, name);

    /// <summary>The id of the message of a draft.</summary>
    /// <param name="draft">The draft as the vendor has it.</param>
    /// <exception cref="BlockException">It has none.</exception>
    public string MessageIdOf(JsonElement draft) => _client.NeedText(_client.Need(draft, "message"), "id");

    // Gmail refuses whole mails and searches to a token that has this scope, whatever others it has.
    private bool HasMetadataOnly => _client.Credential.Scopes.Contains(MetadataScope, StringComparer.OrdinalIgnoreCase);

    private static string RawOf(MimeMessage mail)
    {
        using var content = new MemoryStream();
        mail.WriteTo(content);
        return Base64Url.EncodeToString(content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    private static byte[]? Decode(string data)
    {
        try
        {
            return Base64Url.DecodeFromChars(data);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? TextOf(string? data) => data is { Length: > 0 } && Decode(data) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private async Task<string?> FindTextAsync(JsonElement part, string messageId, int depth, CancellationToken cancellationToken)
    {
        if (depth > MostNestedParts) return null;
        var (kind, body) = (part.Text("mimeType") ?? "", part.Member("body") ?? default);
        if (kind == "text/plain" && TextOf(body.Text("data")) is { Length: > 0 } plain) return plain;
        if (kind == "text/html" && TextOf(body.Text("data")) is { Length: > 0 } html) return HtmlText.Of(html);
        // A long text is stored apart, like a file without a name.
        if (kind.StartsWith("text/", StringComparison.Ordinal) && part.Text("filename") is null or "" && body.Text("attachmentId") is { } stored)
        {
            var text = Encoding.UTF8.GetString(await AttachmentAsync(messageId, stored, cancellationToken));
            return kind == "text/html" ? HtmlText.Of(text) : text;
        }

        foreach (var inner in part.Items("parts"))
            if (await FindTextAsync(inner, messageId, depth + 1, cancellationToken) is { Length: > 0 } text) return text;
        return null;
    }
}
