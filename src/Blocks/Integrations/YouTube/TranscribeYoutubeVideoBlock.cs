using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Microsoft.AspNetCore.WebUtilities;

namespace Grainflow.Blocks.Integrations.YouTube;

[Block("f3a8f7e1-4b1d-4e5f-9f2a-7c3d5a2e6b4c", "Fetches the captions of a YouTube video as text.", "SOCIAL", Effect = BlockEffect.Read)]
internal sealed class TranscribeYoutubeVideoBlock : Block<TranscribeYoutubeVideoBlock.Input, TranscribeYoutubeVideoBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var id = VideoIdOf(input.YoutubeUrl) ?? throw new BlockException($"Invalid YouTube URL: {input.YoutubeUrl}");
        yield return Emit(nameof(Output.VideoId), id);
        yield return Emit(nameof(Output.Transcript), string.Join('\n', await new TranscriptClient(context).LinesAsync(id, cancellationToken)));
    }

    private static string? VideoIdOf(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)) return null;
        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var id = address.Authority switch
        {
            "youtu.be" => parts.FirstOrDefault(),
            "www.youtube.com" or "youtube.com" => parts switch
            {
                ["watch"] => QueryHelpers.ParseQuery(address.Query).TryGetValue("v", out var given) ? given[0] : null,
                ["embed" or "v" or "shorts", var name, ..] => name,
                _ => null,
            },
            _ => null,
        };
        return string.IsNullOrEmpty(id) ? null : id;
    }

    internal sealed record Input
    {
        [Pin(Title = "YouTube URL")]
        public required string YoutubeUrl { get; init; }

        [CredentialsPin("webshare_proxy", Types = [CredentialTypes.UserPassword])]
        public required CredentialsReference Credentials { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public required string VideoId { get; init; }

        public required string Transcript { get; init; }
    }
}
