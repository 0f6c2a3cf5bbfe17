using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Tests.Contract;

public sealed class BlockCatalogueTests
{
    private readonly BlockCatalogue _catalogue = new();

    [Fact]
    public void Blocks_come_by_name_and_have_ids_of_their_own()
    {
        var names = _catalogue.Blocks.Select(b => b.Definition.Name).ToList();

        Assert.Equal(string.Join(' ', names.Order(StringComparer.Ordinal)), string.Join(' ', names));
        Assert.Equal(names.Count, _catalogue.Blocks.Select(b => b.Definition.Id).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void A_block_is_found_whatever_the_case_of_its_id()
    {
        var id = _catalogue.Blocks[0].Definition.Id;

        Assert.Same(_catalogue.Blocks[0], _catalogue.FindBlock(id.ToUpperInvariant()));
        Assert.Same(_catalogue.Blocks[0].Definition, _catalogue.Find(id));
        Assert.Null(_catalogue.Find("00000000-0000-0000-0000-000000000000"));
    }

    [Fact]
    public void Every_output_type_but_those_of_graph_ends_has_an_error_pin()
    {
        foreach (var block in _catalogue.Blocks.Select(b => b.Definition))
            Assert.Equal(block.Kind is not (BlockKind.Input or BlockKind.Output or BlockKind.Agent), block.FindOutput("error") is not null);
    }

    [Fact]
    public void An_effect_free_block_has_no_price_needs_no_credentials_and_no_review() =>
        Assert.All(_catalogue.Blocks.Select(b => b.Definition).Where(block => block.EffectFree), block =>
            Assert.True(block is { Costs.Count: 0, SensitiveAction: false, Kind: not BlockKind.Agent } && block.Inputs.All(pin => pin.Credentials is null), block.Name));

    [Fact]
    public void An_effect_free_block_is_one_that_can_only_compute() =>
        Assert.All(_catalogue.Blocks.Where(block => block.Definition.EffectFree), block => Assert.IsType<IComputingBlock>(block, exactMatch: false));

    [Fact]
    public void Every_block_says_what_it_does() => Assert.All(_catalogue.Blocks, b => Assert.EndsWith(".", b.Definition.Description, StringComparison.Ordinal));

    [Fact]
    public void Every_provider_of_a_credentials_pin_is_listed_with_what_it_is_for() => Assert.Empty(_catalogue.Blocks
        .SelectMany(block => block.Definition.Inputs).SelectMany(pin => pin.Credentials?.Providers ?? []).Except(ProviderNames.Descriptions.Keys, StringComparer.Ordinal));

    [Fact]
    public void Every_block_that_can_do_more_than_compute_declares_its_effect() =>
        Assert.Equal(
            """
            AIConditionBlock Read
            AIConversationBlock Read
            AIImageEditorBlock Read
            AIImageGeneratorBlock Read
            AIListGeneratorBlock Read
            AIShortformVideoCreatorBlock Write
            AIStructuredResponseGeneratorBlock Read
            AITextGeneratorBlock Read
            AITextSummarizerBlock Read
            AddToLibraryFromStoreBlock Write
            AgentFileInputBlock Read
            AirtableCreateBaseBlock Write
            AirtableCreateRecordsBlock Write
            AirtableDeleteRecordsBlock Irreversible
            AirtableGetRecordBlock Read
            AirtableListBasesBlock Read
            AirtableListRecordsBlock Read
            AirtableListSchemaBlock Read
            AirtableUpdateRecordsBlock Write
            CodeGenerationBlock Read
            DataForSeoKeywordSuggestionsBlock Read
            DataForSeoRelatedKeywordsBlock Read
            DiscordChannelInfoBlock Read
            ExecuteCodeBlock Write
            ExecuteCodeStepBlock Write
            ExtractWebsiteContentBlock Read
            FactCheckerBlock Read
            FileReadBlock Read
            FileStoreBlock Read
            FirecrawlCrawlBlock Read
            FirecrawlExtractBlock Read
            FirecrawlMapWebsiteBlock Read
            FirecrawlScrapeBlock Read
            FirecrawlSearchBlock Read
            GetStoreAgentDetailsBlock Read
            GmailAddLabelBlock Write
            GmailCreateDraftBlock Write
            GmailForwardBlock Irreversible
            GmailGetThreadBlock Read
            GmailListLabelsBlock Read
            GmailReadBlock Read
            GmailRemoveLabelBlock Write
            GmailReplyBlock Irreversible
            GmailSendBlock Irreversible
            GoogleCalendarCreateEventBlock Irreversible
            GoogleCalendarReadEventsBlock Read
            GoogleMapsSearchBlock Read
            IdeogramModelBlock Read
            InstantiateCodeSandboxBlock Write
            JinaChunkingBlock Read
            JinaEmbeddingBlock Read
            ListLibraryAgentsBlock Read
            MCPToolBlock Irreversible
            PerplexityBlock Read
            PersistInformationBlock Write
            PublishToMediumBlock Irreversible
            ReadDiscordMessagesBlock Read
            ReadRSSFeedBlock Read
            ReadSpreadsheetBlock Read
            ReplicateFluxAdvancedModelBlock Read
            ReplicateModelBlock Read
            ReplyToDiscordMessageBlock Irreversible
            RetrieveInformationBlock Read
            SearchStoreAgentsBlock Read
            SearchTheWebBlock Read
            SendAuthenticatedWebRequestBlock Irreversible by method
            SendDiscordDMBlock Irreversible
            SendDiscordMessageBlock Irreversible
            SendEmailBlock Irreversible
            SendWebRequestBlock Irreversible by method
            SmartDecisionMakerBlock Read
            TranscribeYoutubeVideoBlock Read
            WordPressCreatePostBlock Irreversible
            WordPressGetAllPostsBlock Read
            """,
            string.Join('\n', new BlockCatalogue().Blocks.Select(block => block.Definition).Where(block => block.Effect != BlockEffect.None)
                .Select(block => $"{block.Name} {block.Effect}{(block.EffectByPin is { } by ? $" by {by.Pin}" : "")}")));

    [Fact]
    public void What_may_run_before_its_dispatch_is_durable_has_no_effect() =>
        Assert.All(new BlockCatalogue().Blocks.Where(block => block.Definition.EffectFree), block => Assert.Equal(BlockEffect.None, block.Definition.Effect));
}
