using Grainflow.Blocks.Contract;
using Grainflow.Engine.Graphs;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Scenarios;
using Grainflow.TestSupport;

namespace Grainflow.Silo.Tests;

public sealed class ScenarioFileTests : IDisposable
{
    private const string Agent = """
        {
          "nodes": [
            { "id": "ask", "block_id": "7fcd3bcb-8e1b-4e69-903d-32d3d4a92158", "input_default": { "name": "word" } },
            { "id": "say", "block_id": "363ae599-353e-4804-937e-b2ee3cef3da4", "input_default": { "name": "answer" } }
          ],
          "links": [{ "source_id": "ask", "source_name": "result", "sink_id": "say", "sink_name": "value" }]
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-scenario-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("\"expected_output\": {}", "[0] has a member 'expected_output', which is not known. Did you mean 'expected_outputs'?")]
    [InlineData("\"input\": {}", "[0] has a member 'input', which is not known. Did you mean 'inputs'?")]
    [InlineData("\"x\": 1", "[0] has a member 'x', which is not known. It may have: agent_file, scenario,")]
    [InlineData("\"llm_rules\": [{\"contain\": [], \"reply\": \"x\"}]", "[0].llm_rules[0] has a member 'contain', which is not known. Did you mean 'contains'?")]
    [InlineData("\"llm_rules\": [{\"reply\": 5}]", "[0].llm_rules[0].reply must be a text or an object")]
    [InlineData("\"external_calls\": [{\"node\": \"ask\"}]", "[0].external_calls[0] has a member 'node', which is not known")]
    [InlineData("\"external_calls\": [{\"http_request\": {\"url\": \"x\"}}]", "[0].external_calls[0] must have an 'http_response'")]
    [InlineData("\"external_calls\": [{\"http_request\": {\"uri\": \"x\"}, \"http_response\": {}}]", "[0].external_calls[0].http_request has a member 'uri', which is not known. Did you mean 'url'?")]
    [InlineData("\"external_calls\": [{\"http_request\": {}, \"http_response\": {}}]", "[0].external_calls[0].http_request.url must be the address of the request")]
    [InlineData("\"external_calls\": [{\"http_request\": {\"url\": \"x\"}, \"http_response\": {\"stauts\": 1}}]", "[0].external_calls[0].http_response has a member 'stauts', which is not known. Did you mean 'status'?")]
    [InlineData("\"external_calls\": [{\"http_request\": {\"url\": \"x\"}, \"http_response\": {\"status\": 99}}]", "[0].external_calls[0].http_response.status must be a whole number from 100 to 599")]
    [InlineData("\"external_calls\": [{\"http_request\": {\"url\": \"x\"}, \"http_response\": {\"headers\": {\"Content-Type\": 5}}}]", "[0].external_calls[0].http_response.headers.Content-Type must be text")]
    [InlineData("\"expected_outputs\": {\"answer\": \"x\"}", "[0].expected_outputs.answer must be a list")]
    [InlineData("\"expected_node_outputs\": {\"say\": []}", "[0].expected_node_outputs.say must be an object")]
    [InlineData("\"expected_node_outputs\": {\"say\": {\"output\": 1}}", "[0].expected_node_outputs.say.output must be a list")]
    [InlineData("\"expected_node_errors\": [5]", "[0].expected_node_errors must be a list of node ids")]
    [InlineData("\"expected_node_executions\": 99999999999", "[0].expected_node_executions must be a whole number, 0 or more")]
    [InlineData("\"expected_node_executions\": 1.5", "[0].expected_node_executions must be a whole number, 0 or more")]
    [InlineData("\"clock\": \"noon\"", "[0].clock must be a time such as 2025-10-20T09:00:00Z, but is 'noon'")]
    public void A_member_that_is_not_known_or_not_of_its_type_is_refused_with_its_place(string member, string message) =>
        Assert.StartsWith("The scenario: " + message, Assert.Throws<CliException>(() => Read($$"""[{"agent_file": "a.json", {{member}}}]""")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_case_of_another_agent_is_checked_too() =>
        Assert.Contains("[1] has a member 'clok'", Assert.Throws<CliException>(() => Read("""[{"agent_file": "a.json"}, {"agent_file": "b.json", "clok": "x"}]""")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"inputs\": {\"wrod\": 1}", "[0].inputs names 'wrod', and a.json has no such input. Did you mean 'word'? It has: 'word'.")]
    [InlineData("\"expected_outputs\": {\"anser\": []}", "[0].expected_outputs names 'anser', and a.json has no such output. Did you mean 'answer'? It has: 'answer'.")]
    [InlineData("\"expected_node_outputs\": {\"sya\": {}}", "[0].expected_node_outputs names 'sya', and a.json has no such node. Did you mean 'say'? It has: 'ask', 'say'.")]
    [InlineData("\"external_calls\": [{\"node_id\": \"aks\", \"outputs\": []}]", "[0].external_calls names 'aks', and a.json has no such node. Did you mean 'ask'? It has: 'ask', 'say'.")]
    public void A_name_that_the_agent_does_not_have_is_refused_with_those_it_has(string member, string message)
    {
        var item = Assert.Single(Read($$"""[{"agent_file": "a.json", {{member}}}]"""));
        var refused = Assert.Throws<CliException>(() => CaseNames.Require(item, GraphDocument.ReadBundle(System.Text.Encoding.UTF8.GetBytes(Agent)), new BlockCatalogue()));
        Assert.Equal("The scenario: " + message, refused.Message);
    }

    [Fact]
    public void A_member_that_is_null_is_not_compared()
    {
        var item = Assert.Single(Read("""[{"agent_file": "a.json", "expected_node_errors": null, "expected_outputs": null, "expected_node_executions": null}]"""));
        Assert.Equal((null, null, null), (item.ExpectedNodeErrors, item.ExpectedOutputs, item.ExpectedNodeExecutions));
    }

    [Fact]
    public void Every_case_of_the_recorded_runs_is_read_and_fits_its_agent_Vectors()
    {
        var agents = SharedFiles.Contract("agents");
        foreach (var file in Directory.EnumerateFiles(agents, "*.json").Where(file => Path.GetFileName(file) is not ("agent-runs.json" or "testing_agent.json")))
        {
            if (Path.GetFileName(file).StartsWith("Discord", StringComparison.Ordinal)) continue;
            var bundle = GraphDocument.ReadBundle(File.ReadAllBytes(file));
            foreach (var item in ScenarioFile.Read(Path.Combine(agents, "agent-runs.json"), Path.GetFileName(file), null)) CaseNames.Require(item, bundle, new BlockCatalogue());
        }
    }

    private IReadOnlyList<ScenarioCase> Read(string json)
    {
        var path = Path.Combine(_folder, "s.json");
        File.WriteAllText(path, json);
        return ScenarioFile.Read(path, "a.json", null);
    }
}
