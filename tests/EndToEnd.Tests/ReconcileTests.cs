using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary><c>./run --reconcile</c>: what it prints and how it ends, alone and beside a server.</summary>
public sealed class ReconcileTests
{
    [Fact]
    public async Task A_database_in_which_all_agrees_is_said_to_and_ends_with_0()
    {
        await using var place = await Workplace.CreateAsync();

        var result = await place.RunAsync("--reconcile");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("""{"wallets":0,"ledger_rows":0,"payments":0,"payments_at_provider":null,"difference_count":0,"differences":[]}""", result.Output.Trim());
        Assert.Equal(
            ["Compared 0 wallets, 0 rows of the ledger and 0 payments and refunds.", "Payments are not set up on this server: STRIPE_API_KEY is not set.", "All agrees."],
            result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact(Explicit = true)]
    public async Task A_difference_is_named_beside_a_server_that_runs_and_ends_with_1()
    {
        await using var place = await Workplace.CreateAsync();
        place.Environment["ENABLE_CREDIT"] = "true";
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        Assert.Equal("""{"credits":1500}""", await server.Http.GetStringAsync(new Uri("/api/credits", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(0, (await place.RunAsync("--reconcile", "--json")).ExitCode);
        await place.CountAsync("UPDATE wallets SET balance = 1600 RETURNING 1");

        var result = await place.RunAsync("--reconcile");
        var quiet = await place.RunAsync("--reconcile", "--json");

        Assert.Equal((1, 1), (result.ExitCode, quiet.ExitCode));
        Assert.Contains("the wallet has 1600 credits after row 1; the ledger has 1500 credits in 1 rows, the last of which is 1", result.Errors, StringComparison.Ordinal);
        Assert.EndsWith("1 difference.\n", result.Errors, StringComparison.Ordinal);
        Assert.Equal("wallet", JsonNode.Parse(quiet.Output)!["differences"]![0]!["kind"]!.GetValue<string>());
        Assert.Empty(quiet.Errors);
    }

    [Theory]
    [InlineData("--reconcile", "--migrate")]
    [InlineData("--reconcile", "--port", "9000")]
    [InlineData("agent.json", "--reconcile")]
    public async Task It_goes_alone(params string[] arguments)
    {
        await using var place = await Workplace.CreateAsync();

        var result = await place.RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--reconcile runs nothing: it goes without an agent, without --port and without --migrate.", result.Errors, StringComparison.Ordinal);
    }
}
