using System.Text.Json.Serialization;

namespace Grainflow.Blocks.Integrations.Gmail;

/// <summary>A mail in a mailbox.</summary>
internal sealed record Email
{
    [JsonPropertyName("threadId")]
    public required string ThreadId { get; init; }

    [JsonPropertyName("labelIds")]
    public required IReadOnlyList<string> LabelIds { get; init; }

    public required string Id { get; init; }

    public required string Subject { get; init; }

    public required string Snippet { get; init; }

    [JsonPropertyName("from_")]
    public required string From { get; init; }

    public required IReadOnlyList<string> To { get; init; }

    public IReadOnlyList<string> Cc { get; init; } = [];

    public IReadOnlyList<string> Bcc { get; init; } = [];

    public required string Date { get; init; }

    public string Body { get; init; } = "";

    [JsonPropertyName("sizeEstimate")]
    public required long SizeEstimate { get; init; }

    public required IReadOnlyList<Attachment> Attachments { get; init; }
}

/// <summary>A file of a mail.</summary>
internal sealed record Attachment
{
    public required string Filename { get; init; }

    public required string ContentType { get; init; }

    public required long Size { get; init; }

    public required string AttachmentId { get; init; }
}

/// <summary>A conversation.</summary>
internal sealed record Thread
{
    public required string Id { get; init; }

    public required IReadOnlyList<Email> Messages { get; init; }

    [JsonPropertyName("historyId")]
    public required string HistoryId { get; init; }
}

/// <summary>What became of a mail that was sent.</summary>
internal sealed record GmailSendResult
{
    public required string Id { get; init; }

    public required string Status { get; init; }
}

/// <summary>What became of a draft.</summary>
internal sealed record GmailDraftResult
{
    public required string Id { get; init; }

    public required string MessageId { get; init; }

    public required string Status { get; init; }
}

/// <summary>What became of a label of a mail.</summary>
internal sealed record GmailLabelResult
{
    public required string LabelId { get; init; }

    public required string Status { get; init; }
}
