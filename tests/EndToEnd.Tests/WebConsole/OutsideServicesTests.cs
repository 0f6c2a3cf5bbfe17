using System.Text.RegularExpressions;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Grainflow.EndToEnd.Tests.WebConsole;

/// <summary>What the console does with services outside, which are scripted on loopback.</summary>
public sealed partial class OutsideServicesTests
{
    [Fact(Explicit = true)]
    public async Task Credits_are_bought_on_the_page_of_Stripe_and_their_money_is_asked_back()
    {
        await using var stripe = await ScriptedStripe.StartAsync();
        await using var place = await Workplace.CreateAsync();
        var port = FreePorts.Pair();
        place.Environment["STRIPE_API_KEY"] = ScriptedStripe.ApiKey;
        place.Environment["STRIPE_API_BASE"] = stripe.Address.ToString();
        place.Environment["STRIPE_WEBHOOK_SECRET"] = ScriptedStripe.Secret;
        place.Environment["FRONTEND_BASE_URL"] = $"http://127.0.0.1:{port}";
        place.Environment["ENABLE_CREDIT"] = "true";
        await using var browser = await Browser.StartAsync();
        await using var server = await RunningServer.StartAsync(place, port);
        var before = (await server.GetAsync("/api/credits")).GetProperty("credits").GetInt64();
        var page = await browser.OpenAsync(server.Http.BaseAddress + "money");

        var asked = await page.RunAndWaitForRequestAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Buy for 10.00 US dollars" }).ClickAsync(),
            request => request.Url.StartsWith("https://checkout.stripe.test/", StringComparison.Ordinal));
        stripe.Pay(asked.Url.Split('/')[^1]);

        // The page of Stripe is not there; the user comes back.
        page = await browser.OpenAsync(server.Http.BaseAddress + "money");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have paid: add them" }).ClickAsync();
        await Expect(page.GetByText("The credits of your newest payment are in the balance.")).ToBeVisibleAsync();
        Assert.Equal(before + 1000, (await server.GetAsync("/api/credits")).GetProperty("credits").GetInt64());

        await page.GetByRole(AriaRole.Button, new() { NameRegex = MoneyBack() }).ClickAsync();
        await page.GetByLabel("Why").FillAsync("by mistake");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Refunds that you have asked for" })).ToBeVisibleAsync();
        await Expect(page.GetByText("by mistake")).ToBeVisibleAsync();
    }

    [Fact(Explicit = true)]
    public async Task A_trigger_of_GitHub_is_set_up_answers_a_ping_and_shows_what_its_deliveries_did()
    {
        await using var github = await ScriptedGitHub.StartAsync();
        await using var place = await Workplace.CreateAsync();
        GitHubDeliveries.Configure(place, github);
        await using var browser = await Browser.StartAsync();
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        github.SendPing = hook => GitHubDeliveries.SendAsync(server.Http, hook, "ping", "ping-1", "{}");
        await server.PostAsync("/api/integrations/github/credentials", GitHubDeliveries.Credential());
        var graph = (await server.PostAsync("/api/graphs", GitHubDeliveries.Agent())).GetProperty("id").GetString();
        var page = await browser.OpenAsync($"{server.Http.BaseAddress}webhooks/new?agent={graph}");

        await page.GetByLabel("Repo").FillAsync("octo/hello");
        await page.GetByLabel("Opened", new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
        await Expect(page.GetByText("github, octo/hello")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask the provider for a ping" }).ClickAsync();
        await Expect(page.GetByText("The ping has arrived.")).ToBeVisibleAsync();

        Assert.Equal(202, await GitHubDeliveries.SendAsync(server.Http, Assert.Single(github.Hooks), "issues", "delivery-1", GitHubDeliveries.Opened(7)));
        await place.UntilAsync("SELECT count(*) FROM runs WHERE status = 'COMPLETED'");
        await page.GetByRole(AriaRole.Button, new() { Name = "Refresh" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "the run" }).ClickAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Outputs" }).ClickAsync();
        await Expect(page.Locator(".json").Filter(new() { HasText = "7" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_login_at_an_MCP_server_ends_on_the_page_of_the_credentials_and_is_renewed_there()
    {
        await using var authorization = await ScriptedAuthorization.StartAsync();
        await using var place = await Workplace.CreateAsync();
        var port = FreePorts.Pair();
        place.Environment["FRONTEND_BASE_URL"] = $"http://127.0.0.1:{port}";
        place.Environment["TRUST_ENDPOINTS_FOR_REQUESTS"] = $"""["{authorization.Issuer}"]""";
        await using var browser = await Browser.StartAsync();
        await using var server = await RunningServer.StartAsync(place, port);
        var page = await browser.OpenAsync(server.Http.BaseAddress + "credentials");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        var provider = page.GetByRole(AriaRole.Combobox, new() { Name = "Provider" });
        await provider.FillAsync("mcp");
        await page.GetByText("mcp", new() { Exact = true }).ClickAsync();
        await page.Locator(".mud-select").Filter(new() { HasText = "API key" }).First.ClickAsync();
        await page.GetByText("Login (OAuth)").ClickAsync();
        await page.GetByLabel("Address of the server").FillAsync(authorization.Server.AbsoluteUri);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in at the provider" }).ClickAsync();
        await Expect(page.GetByText("You are logged in at the MCP server; the credential is stored.")).ToBeVisibleAsync();
        await Expect(page.GetByText(authorization.Server.AbsoluteUri)).ToBeVisibleAsync();

        var ledBack = page.WaitForURLAsync("**/auth/integrations/mcp_callback*");
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in again for MCP: 127.0.0.1 of mcp" }).ClickAsync();
        await ledBack;
        await Expect(page.GetByText("You are logged in at the MCP server; the credential is stored.")).ToBeVisibleAsync();
        Assert.Equal(2, authorization.Calls.Count(call => call.Path == "/token"));
        Assert.Equal(1, (await server.GetAsync("/api/integrations/mcp/credentials")).GetArrayLength());
    }

    [GeneratedRegex("Ask for the money of")]
    private static partial Regex MoneyBack();
}
