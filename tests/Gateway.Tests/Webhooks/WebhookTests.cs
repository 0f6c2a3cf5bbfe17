using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.Webhooks;

/// <summary>The routes of webhooks (contract: endpoints.tsv and errors.tsv, section Integrations; semantics 4.8).</summary>
public sealed class WebhookTests(WebhookServer server) : IClassFixture<WebhookServer>
{
    [Fact]
    public async Task A_delivery_is_acknowledged_with_202_and_null_and_starts_a_run_that_names_its_webhook()
    {
        var user = server.NewUser();
        var preset = await WebhookServer.GenericAsync(user);

        var answer = await server.SendAsync(WebhookServer.IngressOf(preset), """{"hello": "world"}""");

        Assert.Equal((202, "null"), (answer.Status, answer.Text));
        var delivery = Assert.Single((await WebhookServer.LogAsync(user, preset.Text("webhook_id")!, 1)).GetProperty("deliveries").EnumerateArray());
        var trigger = Assert.Single(delivery.GetProperty("triggers").EnumerateArray());
        Assert.Equal(("started", preset.Id()), (trigger.Text("status"), trigger.Text("preset_id")));
        var listed = Assert.Single((await user.GetAsync($"/api/graphs/{preset.Text("graph_id")}/executions")).Json.GetProperty("executions").EnumerateArray());
        Assert.Equal((trigger.Text("graph_exec_id"), "webhook", preset.Text("webhook_id"), preset.Id()), (listed.Id(), listed.Text("trigger_source"), listed.Text("webhook_id"), listed.Text("preset_id")));
        var run = await user.EndAsync(listed);
        Assert.Equal("""{"hello":"world"}""", JsonSerializer.Serialize(Assert.Single(run.GetProperty("outputs").GetProperty("payload").EnumerateArray())));
    }

    [Fact]
    public async Task With_a_public_address_the_blocks_that_webhooks_start_are_listed()
    {
        var blocks = (await server.NewUser().GetAsync("/api/blocks")).Json.EnumerateArray().ToList();
        Assert.Equal("Webhook", blocks.Single(block => block.Id() == WebhookServer.GitHubIssues).Text("uiType"));
        Assert.Equal("Webhook (manual)", blocks.Single(block => block.Id() == WebhookServer.Generic).Text("uiType"));
    }

    [Fact]
    public async Task A_delivery_of_github_that_is_sent_twice_is_logged_once()
    {
        var user = server.NewUser();
        var answer = await user.PostAsync(
            "/api/library/presets/setup-trigger",
            WebhookServer.SetUpBody(await user.CreateAsync(WebhookServer.GitHubGraph()), new JsonObject { ["repo"] = "octo/twice", ["events"] = new JsonObject { ["opened"] = true } }, withCredentials: true));
        Assert.True(answer.Status == 200, answer.Text);
        var hook = server.GitHub.Hooks.Single(hook => hook.Repository == "octo/twice");
        var body = """{"action":"opened"}""";
        (string, string)[] headers = [("X-GitHub-Event", "issues"), ("X-GitHub-Delivery", "one"), ("X-Hub-Signature-256", ScriptedGitHub.Sign(body, hook.Secret))];

        for (var i = 0; i < 2; i++) Assert.Equal(202, (await server.SendAsync(new Uri(hook.Address).AbsolutePath, body, headers)).Status);
        (await server.SendAsync(new Uri(hook.Address).AbsolutePath, body + " ", headers)).IsDetail(403);
        (await server.SendAsync(new Uri(hook.Address).AbsolutePath, body, headers[1..])).IsDetail(400);

        Assert.Equal("one", Assert.Single((await WebhookServer.LogAsync(user, answer.Json.Text("webhook_id")!, 1)).GetProperty("deliveries").EnumerateArray()).Text("delivery_key"));
        Assert.Equal("********", answer.Json.GetProperty("webhook").Text("secret"));
        Assert.DoesNotContain(hook.Secret, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_webhooks_other_providers_and_wrong_bodies_are_refused()
    {
        var preset = await WebhookServer.GenericAsync(server.NewUser());
        var path = WebhookServer.IngressOf(preset);

        (await server.SendAsync($"/api/integrations/generic_webhook/webhooks/{Guid.NewGuid()}/ingress", "{}")).IsDetail(404);
        (await server.SendAsync("/api/integrations/generic_webhook/webhooks/nothing/ingress", "{}")).IsDetail(404);
        (await server.SendAsync(path.Replace("generic_webhook", "github", StringComparison.Ordinal), "{}")).IsDetail(404);
        (await server.SendAsync(path.Replace("generic_webhook", "nobody", StringComparison.Ordinal), "{}")).IsDetail(404);
        (await server.SendAsync(path, "{\"a\":")).IsDetail(400);
        (await server.SendAsync(path, "")).IsDetail(400);
        (await server.SendAsync(path, [0xff, 0xfe])).IsDetail(400);
        (await server.SendAsync(path, new string('[', 2000) + new string(']', 2000))).IsDetail(400);
    }

    [Fact]
    public async Task Ten_megabytes_are_taken_and_one_byte_more_is_not()
    {
        var user = server.NewUser();
        var preset = await WebhookServer.GenericAsync(user);
        var body = Encoding.UTF8.GetBytes($"\"{new string('x', (10 * 1024 * 1024) - 2)}\"");

        Assert.Equal(202, (await server.SendAsync(WebhookServer.IngressOf(preset), body)).Status);
        (await server.SendAsync(WebhookServer.IngressOf(preset), [.. body, (byte)' '])).IsDetail(413);

        var delivery = Assert.Single((await WebhookServer.LogAsync(user, preset.Text("webhook_id")!, 1)).GetProperty("deliveries").EnumerateArray());
        Assert.Equal(body.Length, delivery.GetProperty("payload_bytes").GetInt32());
    }

    [Fact]
    public async Task The_log_is_its_owners_has_pages_and_a_delivery_can_be_replayed()
    {
        var user = server.NewUser();
        var preset = await WebhookServer.GenericAsync(user);
        var path = $"/api/integrations/webhooks/{preset.Text("webhook_id")}/deliveries";
        for (var i = 0; i < 3; i++) await server.SendAsync(WebhookServer.IngressOf(preset), $"{i}");
        await WebhookServer.LogAsync(user, preset.Text("webhook_id")!, 3);

        var first = (await user.GetAsync(path + "?limit=2")).Json;
        var second = (await user.GetAsync($"{path}?limit=2&cursor={first.Text("next_cursor")}")).Json;
        Assert.Equal((2, 1), (first.GetProperty("deliveries").GetArrayLength(), second.GetProperty("deliveries").GetArrayLength()));
        Assert.Null(second.Text("next_cursor"));
        (await server.NewUser().GetAsync(path)).IsDetail(404);
        (await user.GetAsync(path + "?cursor=x")).IsDetail(422);
        Assert.Equal(["greater_than_equal query.limit"], (await user.GetAsync(path + "?limit=0")).Problems());

        var replayed = second.GetProperty("deliveries")[0].Id();
        var answer = await user.PostAsync($"{path}/{replayed}/replay");
        Assert.Equal((202, "delivery_id"), (answer.Status, answer.Members));
        (await server.NewUser().PostAsync($"{path}/{replayed}/replay")).IsDetail(404);
        (await user.PostAsync($"{path}/{Guid.NewGuid()}/replay")).IsDetail(404);
        var log = await WebhookServer.LogAsync(user, preset.Text("webhook_id")!, 4);
        var copy = log.GetProperty("deliveries").EnumerateArray().Single(delivery => delivery.Id() == answer.Json.Text("delivery_id"));
        Assert.Equal((replayed, "started"), (copy.Text("replay_of"), copy.GetProperty("triggers")[0].Text("status")));
    }

    [Fact]
    public async Task A_ping_is_false_where_the_provider_has_none_and_only_for_the_owner()
    {
        var user = server.NewUser();
        var preset = await WebhookServer.GenericAsync(user);
        var answer = await user.PostAsync($"/api/integrations/webhooks/{preset.Text("webhook_id")}/ping");
        Assert.Equal((200, "false"), (answer.Status, answer.Text));
        (await server.NewUser().PostAsync($"/api/integrations/webhooks/{preset.Text("webhook_id")}/ping")).IsError(404);
        (await user.PostAsync("/api/integrations/webhooks/nothing/ping")).IsError(404);
    }

    [Fact]
    public async Task A_ping_that_arrives_is_true()
    {
        var user = server.NewUser();
        var set = await user.PostAsync(
            "/api/library/presets/setup-trigger",
            WebhookServer.SetUpBody(await user.CreateAsync(WebhookServer.GitHubGraph()), new JsonObject { ["repo"] = "octo/ping", ["events"] = new JsonObject { ["opened"] = true } }, withCredentials: true));
        server.GitHub.SendPing = hook => server.SendAsync(
            new Uri(hook.Address).AbsolutePath, "{}", ("X-GitHub-Event", "ping"), ("X-GitHub-Delivery", Guid.NewGuid().ToString()), ("X-Hub-Signature-256", ScriptedGitHub.Sign("{}", hook.Secret)));

        var answer = await user.PostAsync($"/api/integrations/webhooks/{set.Json.Text("webhook_id")}/ping");

        Assert.Equal((200, "true"), (answer.Status, answer.Text));
    }
}
