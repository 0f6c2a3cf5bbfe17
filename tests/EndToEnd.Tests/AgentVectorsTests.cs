using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>The real exports of the contract. Their blocks run themselves; what they call outside is scripted.</summary>
public sealed class AgentVectorsTests
{
    [Theory]
    [InlineData("Lead Finder", "agent_a548e507-09a7-4b30-909c-f63fcda10fff.json")]
    [InlineData("AI Function", "agent_516d813b-d1bc-470f-add7-c63a4b2c2bad.json")]
    [InlineData("Email Address Finder", "agent_fc2c9976-0962-4625-a27b-d316573a9e7f.json")]
    [InlineData("Unspirational Poster Maker", "agent_31daf49d-31d3-476b-aa4c-099abc59b458.json")]
    [InlineData("Decision Maker Lead Finder", "agent_6e16e65a-ad34-4108-b4fd-4a23fced5ea2.json")]
    [InlineData("AI YouTube-to-Blog Converter", "agent_e437cc95-e671-489d-b915-76561fba8c7f.json")]
    [InlineData("Domain Name Finder", "agent_b6f6f0d3-49f4-4e3b-8155-ffe9141b32c0.json")]
    [InlineData("YouTube Transcription Scraper", "agent_c775f60d-b99f-418b-8fe0-53172258c3ce.json")]
    [InlineData("Personal Newsletter", "agent_00fdd42c-a14c-4d19-a567-65374ea0e87f.json")]
    [InlineData("Medium Blogger", "Medium Blogger_v28.json")]
    [InlineData("Sample graph", "sample_graph.json")]
    public async Task The_recorded_run_of_a_shipped_agent_is_reproduced(string agent, string file)
    {
        var agents = SharedOrSkip(Path.Combine("contract", "agents"));
        await using var place = await Workplace.CreateAsync();
        var recorded = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(agents, "agent-runs.json"), TestContext.Current.CancellationToken))!.AsArray();
        var cases = place.File("cases.json", VendorReplies.InPlaceOfBlocks(recorded).ToJsonString());
        var result = await place.RunAsync(Path.Combine(agents, file), "--scenario", cases);
        Assert.True(result.ExitCode == 0, agent + "\n" + result.Output + result.Errors);
        Assert.Equal(ExpectedWarnings.Of(file), ExpectedWarnings.In(result));
    }

    [Fact]
    public async Task The_sample_graph_runs()
    {
        var agents = SharedOrSkip(Path.Combine("contract", "agents"));
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Path.Combine(agents, "sample_graph.json"), "--input", "input_1=Hello", "input_2=World");
        Assert.Equal("COMPLETED", result.Status);
        Assert.Contains("Hello, World!!!", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_testing_agent_takes_the_pins_of_its_only_node()
    {
        var agents = SharedOrSkip(Path.Combine("contract", "agents"));
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Path.Combine(agents, "testing_agent.json"), "--input", "operation=Add", "a=1", "b=2");
        Assert.Equal("COMPLETED", result.Status);
        Assert.Contains("result = 3.0", result.Errors, StringComparison.Ordinal);
    }

    private static string SharedOrSkip(string relative)
    {
        var shared = SharedFiles.Find();
        if (shared is null) Assert.Skip("The shared contract is not beside the checkout.");
        return Path.Combine(shared, relative);
    }
}
