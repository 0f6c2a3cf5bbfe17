using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.WordPress;

[Block("97728fa7-7f6f-4789-ba0c-f2c114119536", "Lists a page of the posts of a blog.", "SOCIAL", Effect = BlockEffect.Read, EmitsSeveral = true)]
internal sealed class WordPressGetAllPostsBlock() : Block<WordPressGetAllPostsBlock.Input, WordPressGetAllPostsBlock.Output>([BlockPrices.PerRun(1)])
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (posts, found) = await new WordPressClient(context).ListAsync(input.Site, input.Status, input.Number, input.Offset, cancellationToken);
        yield return Emit(nameof(Output.Site), input.Site);
        yield return Emit(nameof(Output.Found), found);
        yield return Emit(nameof(Output.Posts), JsonValues.Array(posts));
        foreach (var post in posts) yield return Emit(nameof(Output.Post), post);
    }

    internal sealed record Input
    {
        [CredentialsPin("wordpress", IsOpen = true, Types = [CredentialTypes.OAuth2])]
        public required CredentialsReference Credentials { get; init; }

        public required string Site { get; init; }

        [Pin(
            Type = "enum(publish|private|draft|pending|future|auto-draft)?",
            Title = "",
            TypeSchema = """{"anyOf":[{"enum":["publish","private","draft","pending","future","auto-draft"],"title":"PostStatus","type":"string"},{"type":"null"}]}""")]
        public string? Status { get; init; }

        public long Number { get; init; } = 20;

        public long Offset { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Site { get; init; }

        public required long Found { get; init; }

        public required IReadOnlyList<Post> Posts { get; init; }

        public required Post Post { get; init; }
    }
}
