using Grainflow.Blocks.Agents;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Agents;

/// <summary>What the vectors do not say of the blocks of library and marketplace (contract: block-tiers, tier 1).</summary>
public sealed class AgentBlocksTests
{
    [Fact]
    public async Task The_agents_of_a_library_are_listed_by_page_with_their_numbers_first()
    {
        await using var run = new TestRun();
        run.Agents.Library.AddRange(Enumerable.Range(1, 5).Select(i => new LibraryEntry($"entry-{i}", $"graph-{i}", i, $"Agent {i}", "", "Unknown")));

        var (outputs, failure) = await run.RunAsync(new ListLibraryAgentsBlock(), JsonValues.Parse("""{"search_query": "agent", "limit": 2, "page": 3}"""));

        Assert.Null(failure);
        Assert.Equal(["agents", "total_count", "page", "total_pages", "agent"], outputs.Select(output => output.Pin));
        Assert.Equal(["5", "3", "3"], outputs.Skip(1).Take(3).Select(output => output.Value.GetRawText()));
        Assert.Equal(
            """{"library_agent_id":"entry-5","agent_id":"graph-5","agent_version":5,"agent_name":"Agent 5","description":"","creator":"Unknown","is_archived":false,"categories":[]}""",
            JsonValues.Compact(outputs[^1].Value));
        Assert.Equal([("agent", 3, 2)], run.Agents.Asked);
    }

    [Fact]
    public async Task An_empty_library_has_no_pages_and_no_agent()
    {
        await using var run = new TestRun();
        var (outputs, _) = await run.RunAsync(new ListLibraryAgentsBlock(), JsonValues.EmptyObject);
        Assert.Equal(["agents []", "total_count 0", "page 1", "total_pages 0"], outputs.Select(output => $"{output.Pin} {output.Value.GetRawText()}"));
    }

    [Fact]
    public async Task An_unknown_agent_of_the_marketplace_fails_by_name()
    {
        await using var run = new TestRun(JsonValues.Parse("""{"platform": {}}"""));
        var (outputs, failure) = await run.RunAsync(new GetStoreAgentDetailsBlock(), JsonValues.Parse("""{"creator": "ada", "slug": "none"}"""));
        Assert.Empty(outputs);
        Assert.Equal("The marketplace has no agent 'none' of 'ada'.", failure!.Reason);
    }

    [Theory]
    [InlineData(typeof(SearchStoreAgentsBlock), "{}")]
    [InlineData(typeof(GetStoreAgentDetailsBlock), """{"creator": "ada", "slug": "none"}""")]
    [InlineData(typeof(AddToLibraryFromStoreBlock), """{"store_listing_version_id": "x"}""")]
    public async Task Without_a_marketplace_its_blocks_fail_and_say_so(Type block, string input)
    {
        await using var run = new TestRun();
        var (outputs, failure) = await run.RunAsync((IBlock)Activator.CreateInstance(block)!, JsonValues.Parse(input));
        Assert.Empty(outputs);
        Assert.Equal("This platform has no marketplace, so that no agent of it can be found.", failure!.Reason);
    }
}
