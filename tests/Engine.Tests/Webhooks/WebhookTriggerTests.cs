using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Webhooks;

/// <summary>Event filters and resources of webhooks (contract: semantics 4.8).</summary>
public sealed class WebhookTriggerTests
{
    private static readonly WebhookTrigger Issues = new() { Provider = "github", WebhookType = "repo", ResourceFormat = "{repo}", EventFilterPin = "events", EventFormat = "issues.{event}" };

    private static readonly WebhookTrigger Manual = new() { Provider = "generic_webhook", WebhookType = "plain" };

    [Fact]
    public void The_enabled_events_of_the_filter_have_the_names_of_the_provider()
    {
        Assert.Equal(["issues.opened", "issues.closed"], Issues.Events(Json("""{"events": {"opened": true, "edited": false, "closed": true}}""")).Events);
        Assert.Equal([], Manual.Events(Json("{}")).Events);
    }

    [Theory]
    [InlineData("""{}""", "Cannot set up github webhook without event filter input: missing input for 'events'")]
    [InlineData("""{"events": {}}""", "Cannot set up github webhook without event filter input: missing input for 'events'")]
    [InlineData("""{"events": "opened"}""", "Cannot set up github webhook without event filter input: missing input for 'events'")]
    [InlineData("""{"events": {"opened": false}}""", "Cannot set up github webhook without any enabled events in event filter input 'events'")]
    [InlineData("""{"events": {"opened": "yes"}}""", "Cannot set up github webhook: 'opened' in event filter input 'events' must be true or false")]
    public void A_filter_that_selects_nothing_is_refused_with_its_reason(string config, string problem) => Assert.Equal(problem, Issues.Events(Json(config)).Problem);

    [Fact]
    public void The_resource_is_made_of_the_pins_that_it_names()
    {
        Assert.Equal(("owner/name", null), Issues.Resource(Json("""{"repo": "owner/name"}""")));
        Assert.Equal(("", null), (Issues with { ResourceFormat = "" }).Resource(Json("{}")));
        Assert.Equal(("a/b", null), (Issues with { ResourceFormat = "{x}/{y}" }).Resource(Json("""{"x": "a", "y": "b"}""")));
    }

    [Theory]
    [InlineData("""{}""", "Cannot auto-setup github webhook without resource: missing input for 'repo'")]
    [InlineData("""{"repo": " "}""", "Cannot auto-setup github webhook without resource: missing input for 'repo'")]
    [InlineData("""{"repo": 1}""", "Cannot auto-setup github webhook without resource: missing input for 'repo'")]
    [InlineData("""{"repo": "{repo}"}""", "Cannot auto-setup github webhook: 'repo' must not contain braces")]
    public void A_resource_without_its_pin_is_refused_with_the_name_of_the_pin(string config, string problem) => Assert.Equal(problem, Issues.Resource(Json(config)).Problem);

    [Theory]
    [InlineData("issues.opened", true)]
    [InlineData("issues.edited", false)]
    [InlineData("issues.deleted", false)]
    [InlineData("pull_request.opened", false)]
    [InlineData("opened", false)]
    [InlineData("ping", false)]
    public void An_event_triggers_only_when_the_filter_selects_it(string name, bool accepted) =>
        Assert.Equal(accepted, Issues.Accepts(Json("""{"events": {"opened": true, "edited": false}}"""), name));

    [Fact]
    public void Without_a_filter_pin_every_event_triggers_and_without_a_filter_none_does()
    {
        Assert.True(Manual.Accepts(Json("{}"), "plain"));
        Assert.False(Issues.Accepts(Json("{}"), "issues.opened"));
    }

    private static JsonElement Json(string text) => JsonValues.Parse(text);
}
