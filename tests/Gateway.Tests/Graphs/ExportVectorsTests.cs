using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.Graphs;

/// <summary>The contract's exports go in through the API, and what we derive of them is what they say.</summary>
public sealed class ExportVectorsTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task An_export_is_taken_with_a_warning_for_each_block_that_is_not_built()
    {
        var folder = SharedFiles.Contract("agents");
        var complete = 0;
        foreach (var file in Directory.GetFiles(folder, "*.json").Where(path => Path.GetFileName(path) != "agent-runs.json"))
        {
            var export = JsonNode.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))!.AsObject();
            var answer = await server.Anybody().PostAsync("/api/graphs", new JsonObject { ["graph"] = export.DeepClone() });
            // Three templates use pins that are gone (quirk 4 of block-tiers).
            if (answer.Status == 400 && answer.Detail.Contains("but the block has no such input", StringComparison.Ordinal)) continue;
            Assert.True(answer.Status == 200, answer.Text);
            var unknown = answer.Json.GetProperty("warnings").EnumerateArray().Where(warning => warning.Text("field") == "block_id").ToList();
            Assert.All(unknown, warning => Assert.Contains("is not known here", warning.Text("message"), StringComparison.Ordinal));
            AssertTaken(JsonElement.Parse(export.ToJsonString()), answer, isComplete: unknown.Count == 0);
            if (unknown.Count == 0) complete++;
        }

        Assert.InRange(complete, 11, int.MaxValue);
    }

    private static void AssertTaken(JsonElement wanted, Answer answer, bool isComplete)
    {
        Assert.Equal(wanted.GetProperty("nodes").GetArrayLength(), answer.Json.GetProperty("nodes").GetArrayLength());
        Assert.Equal(wanted.GetProperty("links").GetArrayLength(), answer.Json.GetProperty("links").GetArrayLength());
        // What a block that is not built declares is not known; the sample is from before schemas were stored.
        if (!isComplete || !wanted.TryGetProperty("credentials_input_schema", out var credentials)) return;
        Assert.Equal(Members(wanted.GetProperty("input_schema").GetProperty("properties")), Members(answer.Json.GetProperty("input_schema").GetProperty("properties")));
        Assert.Equal(Members(wanted.GetProperty("output_schema").GetProperty("properties")), Members(answer.Json.GetProperty("output_schema").GetProperty("properties")));
        AssertCredentials(credentials, answer.Json.GetProperty("credentials_input_schema"));
    }

    private static void AssertCredentials(JsonElement wanted, JsonElement given)
    {
        Assert.Equal(Members(wanted.GetProperty("properties")).Order(), Members(given.GetProperty("properties")).Order());
        Assert.Equal(wanted.Text("title"), given.Text("title"));
        foreach (var key in wanted.GetProperty("properties").EnumerateObject())
        {
            var ours = given.GetProperty("properties").GetProperty(key.Name);
            foreach (var member in new[] { "credentials_provider", "credentials_types", "properties", "required" })
                Assert.True(JsonNode.DeepEquals(JsonNode.Parse(key.Value.GetProperty(member).GetRawText()), JsonNode.Parse(ours.GetProperty(member).GetRawText())), $"{key.Name}.{member}");
            Assert.Equal(
                key.Value.GetProperty("discriminator_values").EnumerateArray().Select(value => value.ToString()).Order(StringComparer.Ordinal),
                ours.GetProperty("discriminator_values").EnumerateArray().Select(value => value.ToString()).Order(StringComparer.Ordinal));
        }
    }

    private static IEnumerable<string> Members(JsonElement value) => value.EnumerateObject().Select(member => member.Name);
}
