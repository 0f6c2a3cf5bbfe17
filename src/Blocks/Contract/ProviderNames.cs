namespace Grainflow.Blocks.Contract;

/// <summary>The names of the providers that the contract knows (<c>enums.tsv</c>), and those that blocks add to them. Credentials of any other provider are accepted too.</summary>
public static class ProviderNames
{
    /// <summary>What each provider is for, by name.</summary>
    public static IReadOnlyDictionary<string, string> Descriptions { get; } = new OrderedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["aiml_api"] = "Language models of many makers by AI/ML API",
        ["airtable"] = "Bases and records of Airtable",
        ["anthropic"] = "Claude language models",
        ["apollo"] = "People and companies for sales",
        ["compass"] = "Transcriptions of voice recordings",
        ["d_id"] = "Videos of speaking avatars",
        ["dataforseo"] = "Key words and their search volumes",
        ["discord"] = "Messages and channels of Discord servers",
        ["e2b"] = "Sandboxes that run code",
        ["enrichlayer"] = "Profiles of people and companies",
        ["exa"] = "Search of the web by meaning",
        ["fal"] = "Generated images and videos",
        ["firecrawl"] = "Pages of the web as text",
        ["github"] = "Repositories, issues and pull requests",
        ["google"] = "Gmail, Calendar, Sheets, Docs and Drive",
        ["google_maps"] = "Places and addresses",
        ["groq"] = "Fast inference of open language models",
        ["http"] = "Headers of your own for any server",
        ["hubspot"] = "Contacts, companies and deals",
        ["ideogram"] = "Generated images with readable text",
        ["jina"] = "Embeddings, page text and search",
        ["llama_api"] = "Llama language models",
        ["mcp"] = "Servers that offer tools by the Model Context Protocol",
        ["medium"] = "Posts on Medium",
        ["mem0"] = "Memories of agents",
        ["notion"] = "Pages and databases of Notion",
        ["nvidia"] = "Detection of generated images and videos",
        ["ollama"] = "Language models on your own machine",
        ["open_router"] = "Language models of many makers by OpenRouter",
        ["openai"] = "GPT language models, images and embeddings",
        ["openweathermap"] = "Current weather",
        ["pinecone"] = "Vector indexes",
        ["reddit"] = "Posts and comments on Reddit",
        ["replicate"] = "Models of Replicate, by name",
        ["revid"] = "Short videos from text",
        ["screenshotone"] = "Pictures of web pages",
        ["slant3d"] = "3D prints and their orders",
        ["smartlead"] = "Campaigns of cold mail",
        ["smtp"] = "Mail by any SMTP server",
        ["todoist"] = "Tasks and projects of Todoist",
        ["twitter"] = "Posts, users and lists of X",
        ["unreal_speech"] = "Speech from text",
        ["v0"] = "Language models that build web pages",
        ["webshare_proxy"] = "Proxies for requests",
        ["wordpress"] = "Posts on WordPress.com",
        ["zerobounce"] = "Checks of mail addresses",
    };

    /// <summary>The names of the contract, and those of the platform's own credentials, in alphabetical order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Descriptions.Keys.Union(SystemCredentials.Ids.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The name of a provider as a constant, for example <c>OPEN_ROUTER</c>.</summary>
    /// <param name="provider">The name on the wire.</param>
    public static string Constant(string provider) => provider.ToUpperInvariant().Replace('-', '_');
}
