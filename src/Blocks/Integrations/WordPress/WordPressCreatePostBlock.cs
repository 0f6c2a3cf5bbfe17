using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.WordPress;

[Block("ee4fe08c-18f9-442f-a985-235379b932e1", "Publishes a post on a blog, or stores it as a draft.", "SOCIAL", Effect = BlockEffect.Irreversible)]
internal sealed class WordPressCreatePostBlock() : Block<WordPressCreatePostBlock.Input, WordPressCreatePostBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var post = await new WordPressClient(context).CreateAsync(input.Site, FieldsOf(input), cancellationToken);
        yield return Emit(nameof(Output.Site), input.Site);
        yield return Emit(nameof(Output.PostId), post.Whole("ID") ?? 0);
        yield return Emit(nameof(Output.PostUrl), post.Text("URL") ?? "");
        yield return Emit(nameof(Output.ShortUrl), post.Text("short_URL") ?? "");
        yield return Emit(nameof(Output.PostData), post);
    }

    private static List<KeyValuePair<string, string>> FieldsOf(Input input)
    {
        var fields = new List<KeyValuePair<string, string>>
        {
            KeyValuePair.Create("title", input.Title),
            KeyValuePair.Create("content", input.Content),
            KeyValuePair.Create("status", input.PublishAsDraft ? "draft" : "publish"),
        };
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) fields.Add(KeyValuePair.Create(name, value));
        }

        Add("excerpt", input.Excerpt);
        Add("slug", input.Slug);
        Add("author", input.Author);
        Add("categories", string.Join(',', input.Categories));
        Add("tags", string.Join(',', input.Tags));
        Add("featured_image", input.FeaturedImage);
        foreach (var url in input.MediaUrls) Add("media_urls[]", url);
        return fields;
    }

    internal sealed record Input
    {
        [CredentialsPin("wordpress", IsOpen = true, Types = [CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public required string Site { get; init; }

        public required string Title { get; init; }

        public required string Content { get; init; }

        public string? Excerpt { get; init; }

        public string? Slug { get; init; }

        public string? Author { get; init; }

        [Pin(ShowDefault = true)]
        public IReadOnlyList<string> Categories { get; init; } = [];

        [Pin(ShowDefault = true)]
        public IReadOnlyList<string> Tags { get; init; } = [];

        public string? FeaturedImage { get; init; }

        [Pin(ShowDefault = true)]
        public IReadOnlyList<string> MediaUrls { get; init; } = [];

        public bool PublishAsDraft { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Site { get; init; }

        public required long PostId { get; init; }

        public required string PostUrl { get; init; }

        public required string ShortUrl { get; init; }

        [Pin(Type = "object")]
        public required JsonElement PostData { get; init; }
    }
}
