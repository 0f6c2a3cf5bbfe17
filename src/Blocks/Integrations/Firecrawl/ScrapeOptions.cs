namespace Grainflow.Blocks.Integrations.Firecrawl;

/// <summary>How pages are read.</summary>
/// <param name="Formats">The forms asked for, in the names of the pin <c>formats</c>.</param>
/// <param name="MaxAge">The age in milliseconds up to which a page that was read before is taken.</param>
/// <param name="WaitFor">The milliseconds to wait for a page.</param>
/// <param name="OnlyMainContent">Whether headers, menus and footers are left out; null for the vendor's default.</param>
internal sealed record ScrapeOptions(IReadOnlyList<string> Formats, long MaxAge, long WaitFor, bool? OnlyMainContent = null)
{
    /// <summary>The type of the pin <c>formats</c>.</summary>
    public const string FormatsType = "array<enum(markdown|html|rawHtml|links|screenshot|screenshot@fullPage|json|changeTracking)>";

    /// <summary>The schema of the type of the pin <c>formats</c>.</summary>
    public const string FormatsSchema =
        """{"items":{"enum":["markdown","html","rawHtml","links","screenshot","screenshot@fullPage","json","changeTracking"],"title":"ScrapeFormat","type":"string"},"type":"array"}""";

    /// <summary>The members of a request.</summary>
    public Dictionary<string, object> Members()
    {
        var members = new Dictionary<string, object>(StringComparer.Ordinal) { ["maxAge"] = MaxAge, ["waitFor"] = WaitFor };
        if (Formats.Count > 0) members["formats"] = Formats.Select(format => format == "screenshot@fullPage" ? (object)new { type = "screenshot", fullPage = true } : format);
        if (OnlyMainContent is { } only) members["onlyMainContent"] = only;
        return members;
    }
}
