using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Firecrawl;

/// <summary>A page that was read.</summary>
internal static class ScrapedPage
{
    /// <summary>The page with the names of its members, and of those of its metadata, in snake case, as the other values of agents have them.</summary>
    /// <param name="page">The page as the vendor has it.</param>
    public static JsonElement Of(JsonElement page) => Renamed(page, member => member.Name == "metadata" ? Renamed(member.Value, fact => fact.Value) : member.Value);

    /// <summary>The outputs of a page, by the forms asked for; those that the vendor did not give are left out.</summary>
    /// <param name="page">The page of <see cref="Of"/>.</param>
    /// <param name="formats">The forms.</param>
    public static IEnumerable<(string Property, JsonElement Value)> Outputs(JsonElement page, IReadOnlyList<string> formats) =>
        from format in formats
        let found = format switch
        {
            "markdown" => (nameof(ScrapeOutput.Markdown), page.Member("markdown")),
            "html" => (nameof(ScrapeOutput.Html), page.Member("html")),
            "rawHtml" => (nameof(ScrapeOutput.RawHtml), page.Member("raw_html")),
            "links" => (nameof(ScrapeOutput.Links), page.Member("links")),
            "screenshot" => (nameof(ScrapeOutput.Screenshot), page.Member("screenshot")),
            "screenshot@fullPage" => (nameof(ScrapeOutput.ScreenshotFullPage), page.Member("screenshot")),
            "json" => (nameof(ScrapeOutput.JsonData), page.Member("json")),
            _ => (nameof(ScrapeOutput.ChangeTracking), page.Member("change_tracking")),
        }
        where found.Item2 is { } value && !value.IsNull()
        select (found.Item1, found.Item2!.Value);

    private static JsonElement Renamed(JsonElement value, Func<JsonProperty, JsonElement> inner)
    {
        if (value.ValueKind != JsonValueKind.Object) return value;
        var members = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        // Names such as og:title have no other form.
        foreach (var member in value.EnumerateObject()) members[member.Name.All(char.IsAsciiLetterOrDigit) ? JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name) : member.Name] = inner(member);
        return JsonValues.Object(members);
    }
}

/// <summary>The outputs that pages have: all that is known, and one for each form.</summary>
internal record ScrapeOutput : BlockResult
{
    [Pin(Type = "object")]
    public virtual required JsonElement Data { get; init; }

    public required string Markdown { get; init; }

    public required string Html { get; init; }

    public required string RawHtml { get; init; }

    public required IReadOnlyList<string> Links { get; init; }

    public required string Screenshot { get; init; }

    public required string ScreenshotFullPage { get; init; }

    [Pin(Type = "object")]
    public required JsonElement JsonData { get; init; }

    [Pin(Type = "object")]
    public required JsonElement ChangeTracking { get; init; }
}
