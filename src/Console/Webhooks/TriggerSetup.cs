using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Integrations;
using Grainflow.WebConsole.Agents;

namespace Grainflow.WebConsole.Webhooks;

/// <summary>A group of events of which each is wanted or not, as triggers of GitHub have one.</summary>
/// <param name="Name">The name of the pin.</param>
/// <param name="Title">What it is called in the form.</param>
/// <param name="Events">The events in the order of the schema.</param>
public sealed record EventGroup(string Name, string Title, IReadOnlyList<EventSwitch> Events);

/// <summary>An event that is wanted or not.</summary>
/// <param name="Name">The name of the member.</param>
/// <param name="Title">What it is called in the form.</param>
public sealed record EventSwitch(string Name, string Title)
{
    /// <summary>True when it is wanted.</summary>
    public bool IsOn { get; set; }
}

/// <summary>A trigger while it is set up: what starts an agent, and with what (contract: semantics 4.8).</summary>
public sealed class TriggerSetup
{
    private TriggerSetup(string graphId, int version, string name, string provider, JsonElement schema, IReadOnlyList<CredentialNeed> needs)
    {
        (GraphId, GraphVersion, AgentName, Provider) = (graphId, version, name, provider);
        Name = name;
        Groups = [.. (schema.Member("properties") ?? JsonValues.EmptyObject).EnumerateObject().Where(pin => IsGroup(pin.Value)).Select(Group)];
        Fields = [.. RunField.Read(schema).Where(field => !IsHidden(schema, field.Name) && Groups.All(group => group.Name != field.Name))];
        Needs = needs;
    }

    /// <summary>The graph of the agent.</summary>
    public string GraphId { get; }

    /// <summary>The version that is started.</summary>
    public int GraphVersion { get; }

    /// <summary>What the agent is called.</summary>
    public string AgentName { get; }

    /// <summary>Who sends the deliveries.</summary>
    public string Provider { get; }

    /// <summary>What the user calls it.</summary>
    public string Name { get; set; }

    /// <summary>What it is for; may be empty.</summary>
    public string Description { get; set; } = "";

    /// <summary>The pins of the trigger that are entered one by one.</summary>
    public IReadOnlyList<RunField> Fields { get; }

    /// <summary>The events to choose from.</summary>
    public IReadOnlyList<EventGroup> Groups { get; }

    /// <summary>The credentials that the agent asks for, those of the trigger among them.</summary>
    public IReadOnlyList<CredentialNeed> Needs { get; }

    /// <summary>The set-up of an agent; null for one that nothing outside starts.</summary>
    /// <param name="agent">An agent of the library.</param>
    /// <param name="credentials">The credentials of the user.</param>
    internal static TriggerSetup? Of(JsonElement agent, IReadOnlyList<CredentialsMetaResponse> credentials) => agent.Member("trigger_setup_info") is { ValueKind: JsonValueKind.Object } trigger
        ? new TriggerSetup(
            agent.GetProperty("graph_id").GetString()!,
            agent.GetProperty("graph_version").GetInt32(),
            agent.Member("name")?.GetString() ?? "",
            trigger.Member("provider")?.GetString() ?? "",
            trigger.Member("config_schema") ?? JsonValues.EmptyObject,
            CredentialNeed.Read(agent.Member("credentials_input_schema") is { ValueKind: JsonValueKind.Object } needs ? needs : JsonValues.EmptyObject, credentials))
        : null;

    /// <summary>Why it cannot be sent; null when it can.</summary>
    public string? Problem()
    {
        if (Name.Trim().Length == 0) return "Give it a name.";
        if (Fields.Select(field => field.Problem()).FirstOrDefault(problem => problem is not null) is { } wrong) return wrong;
        if (Groups.FirstOrDefault(group => !group.Events.Any(one => one.IsOn)) is { } none) return $"{none.Title}: choose at least one.";
        return Needs.Any(need => need.IsRequired && need.Chosen is null) ? "Choose the credentials; what is missing is added on the page Credentials." : null;
    }

    /// <summary>The body of the request that sets it up.</summary>
    public object Body()
    {
        var config = Fields.Select(field => (field.Name, Value: field.Value())).Where(pair => pair.Value is not null).ToDictionary(pair => pair.Name, pair => pair.Value!.Value, StringComparer.Ordinal);
        foreach (var group in Groups) config[group.Name] = JsonValues.Object(group.Events.Select(one => KeyValuePair.Create(one.Name, JsonValues.From(one.IsOn))));
        return new
        {
            name = Name.Trim(),
            description = Description.Trim(),
            graph_id = GraphId,
            graph_version = GraphVersion,
            trigger_config = config,
            agent_credentials = CredentialNeed.References(Needs),
        };
    }

    // The payload is what the delivery brings.
    private static bool IsHidden(JsonElement schema, string name) => schema.Member("properties")?.Member(name)?.Member("hidden")?.ValueKind == JsonValueKind.True;

    private static bool IsGroup(JsonElement pin) =>
        pin.Member("properties") is { ValueKind: JsonValueKind.Object } members && members.EnumerateObject().Any() && members.EnumerateObject().All(member => member.Value.Member("type")?.ToString() == "boolean");

    private static EventGroup Group(JsonProperty pin) => new(
        pin.Name,
        TitleOf(pin.Value, pin.Name),
        [.. pin.Value.GetProperty("properties").EnumerateObject().Select(member => new EventSwitch(member.Name, TitleOf(member.Value, member.Name)) { IsOn = member.Value.Member("default")?.ValueKind == JsonValueKind.True })]);

    private static string TitleOf(JsonElement schema, string name) => schema.Member("title")?.GetString() is { Length: > 0 } title ? title : name;
}
