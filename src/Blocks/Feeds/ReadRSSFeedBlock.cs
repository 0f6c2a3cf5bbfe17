using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml;
using System.Xml.Linq;
using CodeHollow.FeedReader;
using CodeHollow.FeedReader.Parser;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Time;
using Grainflow.Engine.Catalogue;
using MimeKit.Utils;

namespace Grainflow.Blocks.Feeds;

[Block("5ebe6768-8e5d-41e3-9134-1c7bd89a8d52", "Polls an RSS or Atom feed for recent entries.", "INPUT", EmitsSeveral = true, Waits = true, Effect = BlockEffect.Read)]
internal sealed class ReadRSSFeedBlock : Block<ReadRSSFeedBlock.Input, ReadRSSFeedBlock.Output>
{
    private const int MaxBytes = 10 * 1024 * 1024;

    // RSS has the author in its own element or in that of Dublin Core, which the library reads for some versions only.
    private static readonly XName Creator = XName.Get("creator", "http://purl.org/dc/elements/1.1/");

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var since = Since(context.Clock.GetUtcNow(), input.TimePeriod);
        do
        {
            var entries = new List<RSSEntry>();
            foreach (var (item, published) in await ItemsAsync(input.RssUrl, context, cancellationToken))
            {
                if (published <= since) continue;
                var entry = EntryOf(item, published);
                entries.Add(entry);
                yield return EmitObject(nameof(Output.Entry), entry);
            }

            yield return EmitObject(nameof(Output.Entries), entries);
            // A feed that is polled without end is asked at most once in a second.
            await Sleep.ForAsync(input.RunContinuously ? Math.Max(input.PollingRate, 1) : input.PollingRate, context.Clock, cancellationToken);
        }
        while (input.RunContinuously);
    }

    private static DateTimeOffset Since(DateTimeOffset now, long minutes)
    {
        var most = (now - DateTimeOffset.MinValue).TotalMinutes;
        return now.AddMinutes(-Math.Clamp(minutes, -TimeSpan.FromDays(365).TotalMinutes, most));
    }

    // A feed that cannot be fetched or read has no items (contract: block-tiers, Read RSS Feed). An item without a date fails the block.
    private static async Task<IEnumerable<(FeedItem Item, DateTimeOffset Published)>> ItemsAsync(string address, BlockContext context, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, WebRequest.AddressOf(address));
            var reply = await context.Http.SendAsync(request, cancellationToken);
            if (!reply.IsSuccess || reply.Body.Length > MaxBytes) return [];
            return FeedReader.ReadFromByteArray(reply.Body.ToArray()).Items.Select(item => (item, PublishedAt(item)));
        }
        // The reader throws exceptions of many types for what is no feed.
        catch (Exception e) when (e is OutgoingHttpException or BlockException or XmlException or FeedTypeNotSupportedException or InvalidDataException or FormatException or ArgumentException
            or NullReferenceException or InvalidOperationException or System.Text.Json.JsonException)
        {
            return [];
        }
    }

    private static DateTimeOffset PublishedAt(FeedItem item)
    {
        var text = item.PublishingDateString ?? "";
        // RSS has the dates of mail, Atom those of ISO 8601.
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) || DateUtils.TryParse(text, out date)) return date;
        throw new BlockException($"The entry '{item.Title}' of the feed has no date");
    }

    private static RSSEntry EntryOf(FeedItem item, DateTimeOffset published) => new()
    {
        Title = item.Title ?? "",
        Link = item.Link ?? "",
        Description = item.Description ?? "",
        PubDate = published.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        Author = item.Author is { Length: > 0 } author ? author : item.SpecificItem?.Element?.Element(Creator)?.Value ?? "",
        Categories = [.. item.Categories ?? []],
    };

    internal sealed record Input
    {
        public required string RssUrl { get; init; }

        public long TimePeriod { get; init; } = 1440;

        public required long PollingRate { get; init; }

        public bool RunContinuously { get; init; } = true;
    }

    internal sealed record Output : BlockResult
    {
        public required RSSEntry Entry { get; init; }

        public required IReadOnlyList<RSSEntry> Entries { get; init; }
    }
}

/// <summary>An entry of a feed.</summary>
internal sealed record RSSEntry
{
    public required string Title { get; init; }

    public required string Link { get; init; }

    public required string Description { get; init; }

    [Pin(Type = "string:date-time")]
    public required string PubDate { get; init; }

    public required string Author { get; init; }

    public required IReadOnlyList<string> Categories { get; init; }
}
