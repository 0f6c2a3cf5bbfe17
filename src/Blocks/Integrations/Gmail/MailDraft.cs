using Grainflow.Blocks.Contract;
using MimeKit;

namespace Grainflow.Blocks.Integrations.Gmail;

/// <summary>A mail to be made.</summary>
internal sealed record MailDraft
{
    // As far as HTML is looked for.
    private const int LookedAt = 500;

    public IReadOnlyList<string> To { get; init; } = [];

    public IReadOnlyList<string> Cc { get; init; } = [];

    public IReadOnlyList<string> Bcc { get; init; } = [];

    public required string Subject { get; init; }

    public required string Body { get; init; }

    /// <summary>plain, html, or auto or null to look for tags in the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>The files to attach: names of files of the run, addresses or data URIs.</summary>
    public IReadOnlyList<string> Attachments { get; init; } = [];

    /// <summary>Further files to attach, with their contents.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> Files { get; init; } = [];

    /// <summary>The id of the mail that is answered, or null.</summary>
    public string? InReplyTo { get; init; }

    /// <summary>The ids of the mails before it.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Makes the mail. Its sender is the mailbox, which the vendor puts in.</summary>
    /// <param name="context">The node execution.</param>
    /// <param name="cancellationToken">Cancels the fetching of files.</param>
    /// <exception cref="BlockException">An address is none, or a file cannot be had.</exception>
    public async Task<MimeMessage> MakeAsync(BlockContext context, CancellationToken cancellationToken)
    {
        var mail = new MimeMessage();
        mail.Headers.Remove(HeaderId.From);
        mail.Date = context.Clock.GetUtcNow();
        mail.Subject = Subject;
        // All attempts of a node execution have it, so that a mailbox can tell that it has the mail already.
        mail.MessageId = $"{context.NodeExecutionId}@grainflow";
        mail.To.AddRange(MailAddresses.Parse(To, "to"));
        mail.Cc.AddRange(MailAddresses.Parse(Cc, "cc"));
        mail.Bcc.AddRange(MailAddresses.Parse(Bcc, "bcc"));
        if (InReplyTo is not null) mail.Headers.Replace(HeaderId.InReplyTo, InReplyTo);
        if (References.Count > 0) mail.Headers.Replace(HeaderId.References, string.Join(' ', References));
        var text = new TextPart(IsHtml ? "html" : "plain") { Text = Body };
        var files = Files.Select(file => PartOf(file.Name, file.Content)).ToList();
        foreach (var source in Attachments)
        {
            var file = await RunFile.StoreAsync(source, context, cancellationToken);
            files.Add(PartOf(file.Name, file.Content.ToArray()));
        }

        mail.Body = files.Count == 0 ? text : new Multipart("mixed", [text, .. files]);
        return mail;
    }

    private bool IsHtml => ContentType switch
    {
        "html" => true,
        "plain" => false,
        _ => Body.AsSpan(0, Math.Min(LookedAt, Body.Length)) is var start && start.Contains('<') && start.Contains('>'),
    };

    private static MimePart PartOf(string name, byte[] content) => new(Contract.MimeTypes.OfName(name))
    {
        Content = new MimeContent(new MemoryStream(content)),
        ContentDisposition = new ContentDisposition(ContentDisposition.Attachment) { FileName = name },
        ContentTransferEncoding = ContentEncoding.Base64,
        FileName = name,
    };
}
