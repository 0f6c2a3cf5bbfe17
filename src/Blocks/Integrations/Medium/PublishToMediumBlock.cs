using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Medium;

[Block("3f7b2dcb-4a78-4e3f-b0f1-88132e1b89df", "Publishes a story on Medium.", "SOCIAL", Effect = BlockEffect.Irreversible)]
internal sealed class PublishToMediumBlock : Block<PublishToMediumBlock.Input, PublishToMediumBlock.Output>
{
    // What stands in the place of a secret that is not set.
    private const string Unset = "<secret>";

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new MediumClient(context);
        var author = input.AuthorId is "" or Unset ? await client.UserIdAsync(cancellationToken) : input.AuthorId;
        var story = new
        {
            title = input.Title,
            content = input.Content,
            contentFormat = input.ContentFormat,
            tags = input.Tags,
            canonicalUrl = input.CanonicalUrl,
            publishStatus = input.PublishStatus,
            license = input.License,
            notifyFollowers = input.NotifyFollowers,
        };
        var published = await client.PublishAsync(author, story, cancellationToken);
        yield return Emit(nameof(Output.PostId), client.NeedText(published, "id"));
        yield return Emit(nameof(Output.PostUrl), client.NeedText(published, "url"));
        // A draft has no time.
        if (published.Whole("publishedAt") is { } at) yield return Emit(nameof(Output.PublishedAt), at);
    }

    internal sealed record Input
    {
        [Pin(Secret = true)]
        public string AuthorId { get; init; } = Unset;

        public required string Title { get; init; }

        public required string Content { get; init; }

        public required string ContentFormat { get; init; }

        public required IReadOnlyList<string> Tags { get; init; }

        public string? CanonicalUrl { get; init; }

        [Pin(Type = "enum(public|draft|unlisted)", Title = "PublishToMediumStatus")]
        public required string PublishStatus { get; init; }

        public string License { get; init; } = "all-rights-reserved";

        public bool NotifyFollowers { get; init; }

        [CredentialsPin("medium")]
        public required CredentialsReference Credentials { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public required string PostId { get; init; }

        public required string PostUrl { get; init; }

        public required long PublishedAt { get; init; }
    }
}
