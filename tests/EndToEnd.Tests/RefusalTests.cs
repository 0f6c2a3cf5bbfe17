using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;

namespace Grainflow.EndToEnd.Tests;

public sealed class RefusalTests
{
    private static readonly string Good = new AgentBuilder("good")
        .Node("in", AgentBuilder.NumberInput, new JsonObject { ["name"] = "n" })
        .Node("out", AgentBuilder.Output, new JsonObject { ["name"] = "o" })
        .Link("in", "result", "out", "value")
        .Json();

    public static TheoryData<string, string> BadAgents => new()
    {
        { """{"nodes": [""", "not valid JSON at line 1, column" },
        { "[]", "document: must be a JSON object" },
        { "{}", "nodes: is missing" },
        { """{"nodes": 5}""", "nodes: must be a list, but is the number 5" },
        { """{"nodes": [{"id": "a", "block_id": 7}], "links": []}""", "nodes[0].block_id: must be text" },
        {
            new AgentBuilder("x").Node("a", AgentBuilder.NumberInput, new JsonObject { ["name"] = "n" }).Link("a", "result", "ghost", "value").Json(),
            "node ghost, which is not in the graph"
        },
        {
            new AgentBuilder("x").Node("a", AgentBuilder.NumberInput, new JsonObject { ["name"] = "n" }).Node("b", AgentBuilder.StoreValue).Link("a", "result", "b", "inputs").Json(),
            "pin 'inputs' of node b (StoreValueBlock)"
        },
        {
            new AgentBuilder("x").Node("strange", "00000000-0000-0000-0000-00000000abcd").Json(),
            "Node strange uses block 00000000-0000-0000-0000-00000000abcd, which is not known here"
        },
        { Large(1_001), "the graph has 1001 nodes; at most 1000 are accepted" },
    };

    [Theory]
    [MemberData(nameof(BadAgents))]
    public async Task An_agent_that_is_wrong_is_refused_with_what_and_where(string agent, string message)
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(place.File("agent.json", agent));
        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await place.CountAsync("SELECT count(*) FROM graphs"));
    }

    [Theory]
    [InlineData("n=one", "Input 'n' takes a whole number, but 'one' is given", 1)]
    [InlineData("m=1", "The agent has no input 'm'. It has: 'n'", 1)]
    [InlineData("n:={", "is not JSON", 1)]
    [InlineData("n:=\"1\"", "Input 'n':", 1)]
    [InlineData("--json", "--input needs NAME=VALUE", 2)]
    public async Task An_input_that_is_wrong_is_refused_with_its_name_and_the_cure(string input, string message, int exitCode)
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(place.File("agent.json", Good), "--input", input);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await place.CountAsync("SELECT count(*) FROM runs"));
    }

    [Fact]
    public async Task A_missing_input_is_named()
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(place.File("agent.json", Good));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Input 'n' is missing. Give it by --input n=...", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_credentials_name_the_setting()
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Repository.Example("web-brief.json"), "--input", "topic=x");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("set JINA_API_KEY, OPENAI_API_KEY", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("does not exist", 2, "nowhere.json")]
    [InlineData("is not an option", 2, "--colour")]
    [InlineData("needs a value", 2, "--scenario")]
    [InlineData("one argument too many", 2, "a.json", "b.json")]
    [InlineData("--scenario need an agent", 2, "--scenario", "x.json")]
    [InlineData("a port is a number", 2, "--port", "x")]
    public async Task A_command_line_that_is_wrong_is_refused(string message, int exitCode, params string[] arguments)
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(arguments);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ENABLE_CREDIT", "perhaps", "ENABLE_CREDIT is 'perhaps'; it must be true or false")]
    [InlineData("NUM_USER_CREDITS_REFILL", "-1", "NUM_USER_CREDITS_REFILL is '-1'; it must be a whole number, 0 or more")]
    [InlineData("OPENAI_BASE_URL", "here", "OPENAI_BASE_URL is 'here'")]
    [InlineData("TRUST_ENDPOINTS_FOR_REQUESTS", "a b", "TRUST_ENDPOINTS_FOR_REQUESTS is 'a b'")]
    public async Task A_setting_that_is_wrong_is_refused_with_its_name(string name, string value, string message)
    {
        await using var place = await Workplace.CreateAsync();
        place.Environment[name] = value;
        var result = await place.RunAsync(place.File("agent.json", Good), "--input", "n=1");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData(" ")]
    [InlineData("postgres://u:canary@h:abc/x")]
    [InlineData("Host=127.0.0.1;Bogus=1;Password=canary")]
    public async Task A_database_address_that_is_malformed_is_refused_in_one_line_without_its_password(string address)
    {
        await using var place = await Workplace.CreateAsync();
        place.Environment["DATABASE_URL"] = address;
        var result = await place.RunAsync(place.File("agent.json", Good), "--input", "n=1");
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("DATABASE_URL is '", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", result.Errors, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Unusable => new()
    {
        { "postgres://u:canary@127.0.0.1:1/x", "Failed to connect to 127.0.0.1:1: Connection refused; check host and port of DATABASE_URL" },
        { "postgres://u:canary@host.invalid/x", "its host name is not known; check the host of DATABASE_URL" },
        { "Database=no_such_database", "database \"no_such_database\" does not exist; make it first, or name another one in DATABASE_URL" },
        { "SSL Mode=Require", "SSL connection requested. No SSL enabled connection from this host is configured" },
        { "Options=-c bogus=on", "unrecognized configuration parameter \"bogus\"" },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task A_database_that_cannot_be_used_is_one_line_with_the_reason(string change, string reason)
    {
        await using var place = await Workplace.CreateAsync();
        place.Environment["DATABASE_URL"] = change.StartsWith("postgres:", StringComparison.Ordinal) ? change : $"{place.Database.ConnectionString};{change}";
        var result = await place.RunAsync(place.File("agent.json", Good), "--input", "n=1");
        Assert.Equal((1, $"The database cannot be used: {reason}"), (result.ExitCode, result.Errors.TrimEnd()));
    }

    [Fact]
    public async Task A_database_that_is_read_only_is_refused()
    {
        await using var place = await Workplace.CreateAsync();
        place.Environment["DATABASE_URL"] = place.Database.ConnectionString + ";Options=-c default_transaction_read_only=on";
        var result = await place.RunAsync(place.File("agent.json", Good), "--input", "n=1");
        Assert.Equal((1, "DATABASE_URL names a PostgreSQL server that is a standby or read-only; it must name the primary."), (result.ExitCode, result.Errors.TrimEnd()));
    }

    [Fact]
    public async Task A_data_folder_that_another_process_holds_is_refused_by_name()
    {
        await using var place = await Workplace.CreateAsync();
        await using var world = await OutsideWorld.StartAsync();
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = world.Address;
        var agent = place.File("agent.json", new AgentBuilder("waits").Node("ask", AgentBuilder.WebRequest, new JsonObject { ["url"] = world.Address + "/step/held" }).Json());
        var arrived = world.HoldNext("held");
        await using var holder = GrainflowProcess.Start(place.Environment, agent);
        await arrived;

        var second = await place.RunAsync(agent);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("runs on this database already: grainflow ", second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync("--help");
        Assert.Equal(0, result.ExitCode);
        Assert.All(["--input", "--scenario", "--case", "--json", "--data", "--port", "--help"], option => Assert.Contains(option, result.Output, StringComparison.Ordinal));
    }

    private static string Large(int nodes)
    {
        var agent = new AgentBuilder("large");
        for (var i = 0; i < nodes; i++) agent.Node($"n{i}", AgentBuilder.StoreValue, new JsonObject { ["input"] = i });
        return agent.Json();
    }
}
