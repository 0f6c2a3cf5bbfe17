using System.Text.Json.Nodes;
using Deque.AxeCore.Playwright;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Grainflow.EndToEnd.Tests.WebConsole;

/// <summary>The console in a browser, against a server as a user starts it.</summary>
public sealed class ConsoleTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    private const string Condition = "715696a0-e1da-45c8-b209-c2fa9c3b0be6";
    private const string StoreValue = "1ff065e9-88e8-4358-9d82-8dc91f622ba9";
    private const string Review = "8b2a7b3c-6e9d-4a5f-8c1b-2e3f4a5b6c7d";

    [Fact]
    public async Task A_newcomer_who_knows_only_what_is_visible_sees_a_live_graph_after_one_click()
    {
        var user = server.NewUser();
        var page = await user.OpenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Run Greeting" }).ClickAsync();

        await Expect(page.Locator(".graph-node.completed")).ToHaveCountAsync(6);
        await Expect(page.GetByText("COMPLETED").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Outputs" }).ClickAsync();
        await Expect(page.Locator(".json").Filter(new() { HasText = "Hello, Ada!" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Timeline" }).ClickAsync();
        await Expect(page.Locator(".timeline-row")).ToHaveCountAsync(6);
        Assert.Empty(server.Browser.Complaints);
        Assert.Empty(server.Browser.Strangers);
    }

    [Fact]
    public async Task An_agent_is_imported_run_from_its_form_and_deleted()
    {
        var user = server.NewUser();
        var page = await user.OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        await GiveFileAsync(page, server.File("broken.json", "not JSON"));
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("-broken.json cannot be imported: it is not a JSON object.");

        await GiveFileAsync(page, Repository.Example("greeting.json"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Greeting", Level = 1 })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
        await Expect(page.GetByText("name is needed.").First).ToBeVisibleAsync();
        await page.GetByLabel("name").FillAsync("Grace");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
        await Expect(page.Locator(".graph-node.completed")).ToHaveCountAsync(6);
        await page.GetByRole(AriaRole.Link, new() { Name = "Run again" }).ClickAsync();
        await Expect(page.GetByLabel("name")).ToHaveValueAsync("Grace");

        await page.GetByRole(AriaRole.Tab, new() { Name = "Versions" }).ClickAsync();
        await GiveFileAsync(page, Repository.Example("greeting.json"));
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Make version 1 the active one" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Run a first agent" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_an_import_keeps_although_it_is_not_known_is_shown_at_its_node()
    {
        var user = server.NewUser();
        var page = await user.OpenAsync();
        var agent = new JsonObject
        {
            ["name"] = "Newer",
            ["description"] = "",
            ["nodes"] = new JsonArray(new JsonObject { ["id"] = "n", ["block_id"] = "00000000-1111-4222-8333-444444444444", ["metadata"] = new JsonObject { ["customized_name"] = "Mystery" } }),
        };
        await page.GetByRole(AriaRole.Button, new() { Name = "Import" }).ClickAsync();
        await GiveFileAsync(page, server.File("newer.json", agent.ToJsonString()));

        await Expect(page.GetByText("Mystery:").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Graph" }).ClickAsync();
        await Expect(page.Locator(".graph-node.note")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_sub_agent_opens_in_place_with_the_state_and_the_log_of_its_own_run()
    {
        var user = server.NewUser();
        var below = await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = Branch("Below") }.ToJsonString());
        var schema = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["o"] = new JsonObject() } };
        var above = await user.PostAsync("/api/graphs", new JsonObject
        {
            ["graph"] = new JsonObject
            {
                ["name"] = "Above",
                ["description"] = "",
                ["nodes"] = new JsonArray(new JsonObject
                {
                    ["id"] = "agent",
                    ["block_id"] = "e189baac-8c20-45a1-94a7-55177ea42565",
                    ["input_default"] = new JsonObject
                    {
                        ["graph_id"] = below.GetProperty("id").GetString(),
                        ["graph_version"] = 1,
                        ["inputs"] = new JsonObject(),
                        ["input_schema"] = new JsonObject(),
                        ["output_schema"] = schema,
                    },
                    ["metadata"] = new JsonObject { ["customized_name"] = "The helper" },
                }),
            },
        }.ToJsonString());
        var graph = above.GetProperty("id").GetString()!;
        var run = (await user.PostAsync($"/api/graphs/{graph}/execute/1", """{"inputs": {}}""")).GetProperty("id").GetString()!;
        var page = await user.OpenAsync($"runs/{graph}/{run}");

        await Expect(page.Locator(".graph-node.completed")).ToHaveCountAsync(1);
        await page.Locator(".graph-node").ClickAsync();
        await Expect(page.GetByText("1 attempt at most, 0 credits")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Open the sub-agent" }).ClickAsync();

        // Two nodes of three are executed; the third is of the branch that was not taken.
        await Expect(page.Locator(".graph-node.completed")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Tab, new() { Name = "Log" }).ClickAsync();
        await Expect(page.GetByText("No value has come to input (from no_output of Condition).")).ToBeVisibleAsync();
        await Expect(page.GetByText("The run has ended: COMPLETED.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Timeline" }).ClickAsync();
        await Expect(page.Locator(".timeline-row")).ToHaveCountAsync(2);

        await page.GetByRole(AriaRole.Button, new() { Name = "Above" }).ClickAsync();
        await Expect(page.Locator(".timeline-row")).ToHaveCountAsync(1);
        Assert.Empty(server.Browser.Complaints);
    }

    [Fact]
    public async Task What_was_lost_in_a_run_is_shown_as_a_warning()
    {
        var user = server.NewUser();
        var losing = Branch("Losing");
        losing["links"]!.AsArray().Add(new JsonObject { ["source_id"] = "if", ["source_name"] = "no_output", ["sink_id"] = "yes", ["sink_name"] = "data" });
        var graph = (await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = losing }.ToJsonString())).GetProperty("id").GetString()!;
        var run = (await user.PostAsync($"/api/graphs/{graph}/execute/1", """{"inputs": {}}""")).GetProperty("id").GetString()!;
        var page = await user.OpenAsync($"runs/{graph}/{run}");

        await Expect(page.GetByText("never ran: nothing arrived on 'data'")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_review_is_decided_with_changed_data_and_the_run_goes_on()
    {
        var user = server.NewUser();
        var (graph, run) = await StartReviewAsync(user);
        var page = await user.OpenAsync("reviews");

        var data = page.GetByLabel("Data, as JSON; you may change it");
        await Expect(data).ToHaveValueAsync("\"draft\"");
        await data.FillAsync("no JSON");
        await Expect(page.GetByText("This is not JSON; write texts in double quotes.")).ToBeVisibleAsync();
        // As long as a page of text that is pasted.
        var text = string.Concat(Enumerable.Repeat("final ", 20_000));
        await data.FillAsync($"\"{text}\"");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();

        await Expect(page.GetByText("Nothing waits for you")).ToBeVisibleAsync();
        await page.GotoAsync($"{server.Url}runs/{graph}/{run}");
        await Expect(page.GetByText("COMPLETED").First).ToBeVisibleAsync();
        Assert.Equal(text, (await user.GetAsync($"/api/graphs/{graph}/executions/{run}")).GetProperty("outputs").GetProperty("o")[0].GetString());
    }

    [Fact]
    public async Task A_shared_run_opens_by_its_link_until_it_is_taken_back()
    {
        var user = server.NewUser();
        var page = await user.OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Run Greeting" }).ClickAsync();
        await Expect(page.Locator(".graph-node.completed")).ToHaveCountAsync(6);
        await page.GetByRole(AriaRole.Button, new() { Name = "Share" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Stop sharing" })).ToBeVisibleAsync();
        var token = (await user.GetAsync("/api/executions"))[0].GetProperty("share_token").GetString();

        var stranger = await server.Browser.OpenAsync($"{server.Url}share/{token}");
        await Expect(stranger.GetByText("Hello, Ada!")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop sharing" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Share", Exact = true })).ToBeVisibleAsync();
        await stranger.ReloadAsync();
        await Expect(stranger.GetByText("This link does not open")).ToBeVisibleAsync();
    }

    [Fact(Explicit = true)]
    public async Task No_page_has_a_serious_problem_for_people_with_screen_readers_or_keyboards()
    {
        var user = server.NewUser("admin");
        var page = await user.OpenAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Run Greeting" }).ClickAsync();
        await Expect(page.Locator(".graph-node.completed")).ToHaveCountAsync(6);
        await CheckAsync(page);
        await page.GetByRole(AriaRole.Tab, new() { Name = "Log" }).ClickAsync();
        await Expect(page.GetByText("The run has ended: COMPLETED.")).ToBeVisibleAsync();
        await CheckAsync(page);
        var agent = page.Url.Split('/')[^2];
        foreach (var path in new[] { "", $"agents/{agent}", "runs", "reviews", "schedules", "schedules/new", "money", "credentials", "webhooks", "operator", "not-found" })
        {
            await page.GotoAsync(server.Url + path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            await Expect(page.GetByRole(AriaRole.Progressbar)).ToHaveCountAsync(0);
            await CheckAsync(page);
        }

        Assert.Empty(server.Browser.Complaints);
        Assert.Empty(server.Browser.Strangers);

        static async Task CheckAsync(IPage shown)
        {
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await shown.EmulateMediaAsync(new() { ColorScheme = scheme });
                // The page follows the system of the user.
                await Expect(shown.GetByRole(AriaRole.Button, new() { Name = scheme == ColorScheme.Dark ? "Light mode" : "Dark mode" })).ToBeVisibleAsync();
                // Colours fade into each other.
                await shown.WaitForFunctionAsync("() => document.getAnimations().every(animation => animation.playState !== 'running')");
                var serious = (await shown.RunAxe()).Violations.Where(violation => violation.Impact is "serious" or "critical").ToList();
                Assert.True(serious.Count == 0, string.Join("\n", serious.Select(violation => $"{shown.Url} {scheme} {violation.Id}: {violation.Help}\n  {string.Join("\n  ", violation.Nodes.Take(3).Select(node => node.Html))}")));
            }
        }
    }

    [Fact]
    public async Task Everything_of_the_first_screen_is_reached_by_keyboard()
    {
        var user = server.NewUser();
        var page = await user.OpenAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Run Greeting" })).ToBeVisibleAsync();

        var reached = new List<string>();
        for (var i = 0; i < 30 && !reached.Contains("Run Countdown"); i++)
        {
            await page.Keyboard.PressAsync("Tab");
            reached.Add(await page.EvaluateAsync<string>("() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()"));
        }

        Assert.Contains("Import", reached);
        Assert.Contains("Run Greeting", reached);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Countdown");
    }

    [Fact(Explicit = true)]
    public async Task A_browser_whose_gateway_dies_comes_back_to_the_same_page_at_another()
    {
        await using var place = await Workplace.CreateAsync();
        place.Environment["CLUSTER"] = "console";
        place.Environment["ENCRYPTION_KEY"] = Convert.ToBase64String(new byte[32]);
        var (first, second) = (FreePorts.Pair(), FreePorts.Pair());
        await using var one = await RunningServer.StartAsync(place, first);
        await using var two = await RunningServer.StartAsync(place, second);
        await using var proxy = new FailoverProxy(first, second);
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(proxy.Url + "/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Run Greeting" }).ClickAsync();
        await Expect(page.Locator(".graph-node.completed")).ToHaveCountAsync(6);
        var url = page.Url;

        await one.KillAsync();

        // Blazor tries again, is told that its circuit is not known here, and loads the page anew.
        await page.WaitForFunctionAsync("() => performance.getEntriesByType('navigation')[0].type === 'reload'", null, new() { Timeout = 60_000 });
        await Expect(page.Locator(".graph-node.completed")).ToHaveCountAsync(6, new() { Timeout = 30_000 });
        Assert.Equal(url, page.Url);
        await page.GetByRole(AriaRole.Tab, new() { Name = "Outputs" }).ClickAsync();
        await Expect(page.Locator(".json").Filter(new() { HasText = "Hello, Ada!" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_page_whose_circuit_has_failed_says_so_and_can_be_loaded_again()
    {
        await using var browser = await Browser.StartAsync();
        var page = await server.NewUser().OpenAsync(browser: browser);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Run Greeting" })).ToBeVisibleAsync();
        var alert = page.GetByText("nothing on this page works any more");
        await Expect(alert).ToBeHiddenAsync();

        // What Blazor has drawn is not there when it changes it.
        await page.EvaluateAsync("() => document.querySelector('main').replaceChildren()");
        await page.GetByRole(AriaRole.Link, new() { Name = "Runs" }).ClickAsync();

        await Expect(alert).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Load it again" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Runs", Level = 1 })).ToBeVisibleAsync();
        await Expect(alert).ToBeHiddenAsync();
    }

    [Fact]
    public async Task The_dashboard_opens_for_an_administrator_who_has_signed_in_and_for_nobody_else()
    {
        var page = await server.NewUser("admin").OpenAsync("operator");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Dashboard of Orleans" })).ToHaveAttributeAsync("href", "/dashboard");
        Assert.Equal(200, (await page.GotoAsync(server.Url + "dashboard/"))!.Status);

        Assert.Equal(403, await StatusAsync(await server.NewUser().OpenAsync(), "dashboard/"));
        Assert.Equal(401, await StatusAsync(await server.Browser.OpenAsync(server.Url), "dashboard/"));
        // The cookie opens the dashboard alone.
        Assert.Equal(401, await StatusAsync(page, "api/graphs"));

        async Task<int> StatusAsync(IPage browser, string path) => (await browser.APIRequest.GetAsync(server.Url + path)).Status;
    }

    [Fact]
    public async Task With_authentication_on_the_console_asks_for_a_token_and_shows_what_its_user_has()
    {
        var user = server.NewUser();
        var page = await server.Browser.OpenAsync(server.Url + "runs");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await page.GetByLabel("Access token").FillAsync("not.a.token");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Invalid token");
        await page.GetByLabel("Access token").FillAsync(user.Token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Runs", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.GetByText("Nothing was run yet")).ToBeVisibleAsync();
        Assert.DoesNotContain(user.Token, await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal("undefined", await page.EvaluateAsync<string>("() => document.cookie.includes('grainflow_token') ? 'readable' : 'undefined'"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    private static JsonObject Branch(string name) => new()
    {
        ["name"] = name,
        ["description"] = "",
        ["nodes"] = new JsonArray(
            new JsonObject { ["id"] = "if", ["block_id"] = Condition, ["input_default"] = new JsonObject { ["value1"] = 1, ["operator"] = "==", ["value2"] = 1 } },
            new JsonObject { ["id"] = "yes", ["block_id"] = StoreValue },
            new JsonObject { ["id"] = "no", ["block_id"] = StoreValue }),
        ["links"] = new JsonArray(
            new JsonObject { ["source_id"] = "if", ["source_name"] = "yes_output", ["sink_id"] = "yes", ["sink_name"] = "input" },
            new JsonObject { ["source_id"] = "if", ["source_name"] = "no_output", ["sink_id"] = "no", ["sink_name"] = "input" }),
    };

    private static async Task GiveFileAsync(IPage page, string path)
    {
        var input = page.Locator("#agent-file");
        await Expect(input).ToBeEnabledAsync();
        await input.SetInputFilesAsync(path);
    }

    private static async Task<(string Graph, string Run)> StartReviewAsync(ConsoleUser user)
    {
        var graph = new JsonObject
        {
            ["name"] = "Ask",
            ["description"] = "",
            ["nodes"] = new JsonArray(
                new JsonObject { ["id"] = "r", ["block_id"] = Review, ["input_default"] = new JsonObject { ["name"] = "Is it right?", ["data"] = "draft", ["editable"] = true } },
                new JsonObject { ["id"] = "o", ["block_id"] = "363ae599-353e-4804-937e-b2ee3cef3da4", ["input_default"] = new JsonObject { ["name"] = "o" } }),
            ["links"] = new JsonArray(new JsonObject { ["source_id"] = "r", ["source_name"] = "approved_data", ["sink_id"] = "o", ["sink_name"] = "value" }),
        };
        var stored = await user.PostAsync("/api/graphs", new JsonObject { ["graph"] = graph }.ToJsonString());
        var id = stored.GetProperty("id").GetString()!;
        var run = await user.PostAsync($"/api/graphs/{id}/execute/1", """{"inputs": {}}""");
        return (id, run.GetProperty("id").GetString()!);
    }
}
