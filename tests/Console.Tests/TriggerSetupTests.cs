using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Integrations;
using Grainflow.Gateway.Json;
using Grainflow.WebConsole.Webhooks;

namespace Grainflow.WebConsole.Tests;

public sealed class TriggerSetupTests
{
    private const string Agent =
        """
        {"graph_id": "g", "graph_version": 3, "name": "Watcher",
         "trigger_setup_info": {"provider": "github", "credentials_input_name": "credentials", "config_schema": {"type": "object", "required": ["repo", "events"], "properties": {
           "repo": {"type": "string", "title": "Repo"},
           "events": {"type": "object", "title": "Events", "properties": {"opened": {"type": "boolean", "title": "Opened", "default": false}, "closed": {"type": "boolean", "default": true}}},
           "payload": {"type": "object", "hidden": true}}}},
         "credentials_input_schema": {"required": ["key"], "properties": {"key": {"credentials_provider": ["github"], "credentials_types": ["api_key"]}}}}
        """;

    private static readonly CredentialsMetaResponse[] Keys =
        [Key("1", "My key", "github"), Key("2", "Another", "github"), Key("3", "Of others", "openai")];

    [Fact]
    public void An_agent_that_nothing_outside_starts_has_none() => Assert.Null(TriggerSetup.Of(JsonValues.Parse("""{"graph_id": "g", "graph_version": 1, "trigger_setup_info": null}"""), []));

    [Fact]
    public void It_has_the_pins_that_are_entered_and_the_events_to_choose_from()
    {
        var setup = TriggerSetup.Of(JsonValues.Parse(Agent), Keys)!;

        Assert.Equal(("Watcher", "github"), (setup.Name, setup.Provider));
        Assert.Equal("repo", Assert.Single(setup.Fields).Name);
        Assert.Equal([("opened", "Opened", false), ("closed", "closed", true)], Assert.Single(setup.Groups).Events.Select(one => (one.Name, one.Title, one.IsOn)));
        Assert.True(Assert.Single(setup.Needs).IsRequired);
    }

    [Fact]
    public void What_is_missing_is_told_until_it_can_be_sent()
    {
        var setup = TriggerSetup.Of(JsonValues.Parse(Agent), Keys)!;
        setup.Name = " ";
        Assert.Equal("Give it a name.", setup.Problem());
        setup.Name = "Mine ";
        Assert.Equal("Repo is needed.", setup.Problem());
        setup.Fields[0].Text = "octo/hello";
        setup.Groups[0].Events[1].IsOn = false;
        Assert.Equal("Events: choose at least one.", setup.Problem());
        setup.Groups[0].Events[0].IsOn = true;
        Assert.StartsWith("Choose the credentials", setup.Problem(), StringComparison.Ordinal);
        setup.Needs[0].Chosen = "1";
        Assert.Null(setup.Problem());

        Assert.Equal(
            """{"name":"Mine","description":"","graph_id":"g","graph_version":3,"trigger_config":{"repo":"octo/hello","events":{"opened":true,"closed":false}},"agent_credentials":{"key":{"id":"1","title":"My key","provider":"github","type":"api_key"}}}""",
            JsonSerializer.Serialize(setup.Body(), GatewayJson.Options));
    }

    [Fact]
    public void The_only_credential_that_fits_is_chosen() => Assert.Equal("2", TriggerSetup.Of(JsonValues.Parse(Agent), Keys[1..])!.Needs[0].Chosen);

    private static CredentialsMetaResponse Key(string id, string title, string provider) => new() { Id = id, Title = title, Provider = provider, Type = "api_key", Scopes = null, Username = null };
}
