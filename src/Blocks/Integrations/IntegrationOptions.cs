namespace Grainflow.Blocks.Integrations;

/// <summary>Settings of the integrations with services outside.</summary>
public sealed class IntegrationOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Integrations";

    /// <summary>The names of the integrations, which stand in the names of settings.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "airtable", "dataforseo", "discord", "e2b", "firecrawl", "gmail", "google_calendar", "google_maps", "ideogram", "jina", "medium", "replicate", "revid", "wordpress", "youtube",
    ];

    /// <summary>
    /// Where the API of an integration is instead of at the vendor's own hosts, by <see cref="Names"/>. Settings <c>AIRTABLE_API_BASE</c> and so on. The vendor's paths are appended;
    /// where a vendor has several hosts, the name of the host stands before the path, for example <c>http://127.0.0.1:9000/s/</c> for Jina's search. A private address must be
    /// trusted besides (<c>TRUST_ENDPOINTS_FOR_REQUESTS</c>).
    /// </summary>
    public Dictionary<string, Uri> Bases { get; } = new(StringComparer.Ordinal);
}
