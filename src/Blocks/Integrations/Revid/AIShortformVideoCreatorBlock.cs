using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Revid;

[Block("361697fb-0c4f-4feb-aed3-8320c88c771b", "Makes a short video of a script.", "AI", "SOCIAL", Effect = BlockEffect.Write, Waits = true)]
internal sealed class AIShortformVideoCreatorBlock() : Block<AIShortformVideoCreatorBlock.Input, AIShortformVideoCreatorBlock.Output>([BlockPrices.PerRun(307, "revid")])
{
    private const string StockVideo = "stockVideo";

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var order = new
        {
            frameRate = input.FrameRate,
            resolution = input.Resolution,
            frameDurationMultiplier = 18,
            creationParams = new
            {
                mediaType = input.VideoStyle,
                captionPresetName = "Wrap 1",
                selectedVoice = RevidNames.VoiceOf(input.Voice),
                hasEnhancedGeneration = true,
                generationPreset = RevidNames.PresetOf(input.GenerationPreset),
                selectedAudio = input.BackgroundMusic,
                origin = "/create",
                inputText = input.Script,
                flowType = "text-to-video",
                slug = "create-tiktok-video",
                hasToGenerateVoice = true,
                hasToTranscript = false,
                hasToSearchMedia = true,
                hasAvatar = false,
                hasWebsiteRecorder = false,
                hasTextSmallAtBottom = false,
                ratio = input.Ratio,
                sourceType = "contentScraping",
                selectedStoryStyle = new { value = "custom", label = "Custom" },
                hasToGenerateVideos = input.VideoStyle != StockVideo,
                audioUrl = RevidNames.TrackOf(input.BackgroundMusic),
            },
        };
        yield return Emit(nameof(Output.VideoUrl), await new RevidClient(context).RenderAsync(order, cancellationToken));
    }

    internal sealed record Input
    {
        [CredentialsPin("revid")]
        public required CredentialsReference Credentials { get; init; }

        public required string Script { get; init; }

        public string Ratio { get; init; } = "9 / 16";

        public string Resolution { get; init; } = "720p";

        public long FrameRate { get; init; } = 60;

        [Pin(Type = RevidNames.Presets, Title = "GenerationPreset")]
        public string GenerationPreset { get; init; } = "Default";

        [Pin(Type = RevidNames.Tracks, Title = "AudioTrack")]
        public string BackgroundMusic { get; init; } = "Highway Nocturne";

        [Pin(Type = RevidNames.Voices)]
        public string Voice { get; init; } = "Lily";

        [Pin(Type = $"enum({StockVideo}|movingImage|aiVideo)", Title = "VisualMediaType")]
        public string VideoStyle { get; init; } = StockVideo;
    }

    internal sealed record Output : BlockResult
    {
        public required string VideoUrl { get; init; }
    }
}
