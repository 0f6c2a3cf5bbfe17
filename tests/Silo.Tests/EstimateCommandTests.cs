using Grainflow.Engine.Billing;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Running;

namespace Grainflow.Silo.Tests;

public sealed class EstimateCommandTests : IDisposable
{
    private const string Agent = """
        {
          "id": "11111111-2222-4333-8444-555555555555",
          "nodes": [
            { "id": "model", "block_id": "7fcd3bcb-8e1b-4e69-903d-32d3d4a92158", "input_default": { "name": "m" } },
            { "id": "ask", "block_id": "1f292d4a-41a4-4977-9684-7c8d560b9f91", "input_default": { "prompt": "hello" } }
          ],
          "links": [{ "source_id": "model", "source_name": "result", "sink_id": "ask", "sink_name": "model" }]
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-estimate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_price_follows_from_the_inputs_of_the_command_line_and_has_the_ids_of_the_file()
    {
        var node = Estimate("m=gpt-4o").Nodes[1];

        Assert.Equal(("11111111-2222-4333-8444-555555555555", "ask", 3L), (node.GraphId, node.NodeId, node.Cost));
    }

    [Fact]
    public void An_input_that_is_missing_is_named() => Assert.Contains("'m'", Assert.Throws<CliException>(() => Estimate()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("--max-cost=-1", "--max-cost -1: it is a number of credits, 0 or more.")]
    [InlineData("--max-cost=x", "--max-cost x: it is a number of credits, 0 or more.")]
    [InlineData("--estimate=yes", "--estimate takes no value, but 'yes' is given.")]
    public void Options_with_a_wrong_value_are_refused(string argument, string message) =>
        Assert.StartsWith(message, Assert.Throws<CliException>(() => CliOptions.Parse(["a.json", argument])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("--estimate")]
    [InlineData("--max-cost=5")]
    [InlineData("--dry-run")]
    [InlineData("--credential=openai=key.txt")]
    public void They_need_an_agent_and_do_not_go_with_a_scenario(string argument)
    {
        Assert.Equal(ExitCodes.Usage, Assert.Throws<CliException>(() => CliOptions.Parse([argument])).ExitCode);
        Assert.Equal(ExitCodes.Usage, Assert.Throws<CliException>(() => CliOptions.Parse(["a.json", "--scenario", "s.json", argument])).ExitCode);
    }

    [Fact]
    public void Another_budget_is_another_command()
    {
        var agent = Read();
        Assert.Equal(AgentRunner.CommandKey(agent, []), AgentRunner.CommandKey(agent, [], null));
        Assert.NotEqual(AgentRunner.CommandKey(agent, []), AgentRunner.CommandKey(agent, [], isDryRun: true));
        Assert.Equal(3, new[] { AgentRunner.CommandKey(agent, []), AgentRunner.CommandKey(agent, [], 0), AgentRunner.CommandKey(agent, [], 1) }.Distinct(StringComparer.Ordinal).Count());
    }

    private CostEstimate Estimate(params string[] inputs) => EstimateCommand.Estimate(Read(), inputs.Select(CliInput.Parse), [], 50_000);

    private AgentFile Read()
    {
        var path = Path.Combine(_folder, "agent.json");
        File.WriteAllText(path, Agent);
        return AgentFile.Read(path);
    }
}
