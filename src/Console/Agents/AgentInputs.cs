using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Executions;
using Grainflow.Gateway.Graphs;
using Grainflow.Gateway.Integrations;

namespace Grainflow.WebConsole.Agents;

/// <summary>What a run or a schedule gives to an agent: the fields of the form, and which credentials are used.</summary>
public sealed class AgentInputs
{
    // What a schedule gives that the version of the agent at hand has no field for. It is sent back as it is.
    private readonly Dictionary<string, JsonElement> _others = new(StringComparer.Ordinal);

    private AgentInputs(IReadOnlyList<RunField> fields, IReadOnlyList<CredentialNeed> needs) => (Fields, Needs) = (fields, needs);

    /// <summary>The inputs.</summary>
    public IReadOnlyList<RunField> Fields { get; }

    /// <summary>What credentials are needed for.</summary>
    public IReadOnlyList<CredentialNeed> Needs { get; }

    /// <summary>The first thing that is missing or cannot be read; null when there is none.</summary>
    public string? Problem => Fields.Select(input => input.Problem()).FirstOrDefault(problem => problem is not null);

    /// <summary>The names of the inputs that must not be shown.</summary>
    public IReadOnlySet<string> Secrets => Fields.Where(input => input.IsSecret).Select(input => input.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The inputs of an agent.</summary>
    /// <param name="graph">A version of the agent.</param>
    /// <param name="credentials">The credentials of the user.</param>
    internal static AgentInputs Of(GraphModel graph, IReadOnlyList<CredentialsMetaResponse> credentials)
    {
        var fields = RunField.Read(JsonSerializer.SerializeToElement(graph.InputSchema));
        foreach (var node in graph.Nodes)
        {
            if (node.InputDefault.TryGetValue("column_headers", out var headers) && headers.ValueKind == JsonValueKind.Array && node.InputDefault.TryGetValue("name", out var name)
                && fields.FirstOrDefault(field => field.Name == name.ToString()) is { Kind: FieldKind.Table } table)
            {
                table.Columns = [.. headers.EnumerateArray().Select(header => header.ToString())];
            }
        }

        return new AgentInputs(fields, CredentialNeed.Read(JsonSerializer.SerializeToElement(graph.CredentialsInputSchema), credentials));
    }

    /// <summary>The inputs that a schema describes, without credentials.</summary>
    /// <param name="schema">The input schema of an agent.</param>
    public static AgentInputs Of(JsonElement schema) => new(RunField.Read(schema), []);

    /// <summary>Takes over what a stored schedule gives.</summary>
    /// <param name="inputs">The values by name.</param>
    /// <param name="credentials">The credentials by need.</param>
    internal void Fill(IReadOnlyDictionary<string, JsonElement> inputs, IReadOnlyDictionary<string, CredentialsMetaInput> credentials)
    {
        foreach (var field in Fields)
        {
            if (inputs.TryGetValue(field.Name, out var value)) field.Fill(value);
        }

        foreach (var (name, value) in inputs.Where(input => Fields.All(field => field.Name != input.Key))) _others[name] = value;
        foreach (var need in Needs) need.Chosen = credentials.TryGetValue(need.Name, out var chosen) ? chosen.Id : null;
    }

    /// <summary>The values that are sent.</summary>
    public IReadOnlyDictionary<string, JsonElement> Values()
    {
        var values = new Dictionary<string, JsonElement>(_others, StringComparer.Ordinal);
        foreach (var field in Fields)
        {
            if (field.Value() is { } value) values[field.Name] = value;
        }

        return values;
    }

    /// <summary>The credentials that are sent, without their secrets.</summary>
    public IReadOnlyDictionary<string, object> Credentials() => CredentialNeed.References(Needs);
}

/// <summary>Something that an agent needs credentials for.</summary>
public sealed class CredentialNeed
{
    private readonly IReadOnlyList<CredentialsMetaResponse> _fitting;

    private CredentialNeed(string name, IReadOnlyList<string> providers, bool isRequired, IReadOnlyList<CredentialsMetaResponse> fitting)
    {
        (Name, Title, IsRequired, _fitting) = (name, "Credentials for " + string.Join(" or ", providers), isRequired, fitting);
        Chosen = fitting is [var only] ? only.Id : null;
    }

    /// <summary>The key in the credentials of a run.</summary>
    public string Name { get; }

    /// <summary>What it is called in a form.</summary>
    public string Title { get; }

    /// <summary>True when no run starts without.</summary>
    public bool IsRequired { get; }

    /// <summary>The credentials that fit, by id and by what they are called.</summary>
    public IEnumerable<(string Id, string Title)> Choices => _fitting.Select(item => (item.Id, $"{item.Title ?? item.Provider} ({item.Type})"));

    /// <summary>The id of the credentials that are used, or null.</summary>
    public string? Chosen { get; set; }

    /// <summary>The needs of a schema.</summary>
    /// <param name="schema">The <c>credentials_input_schema</c> of an agent.</param>
    /// <param name="credentials">The credentials of the user.</param>
    internal static IReadOnlyList<CredentialNeed> Read(JsonElement schema, IReadOnlyList<CredentialsMetaResponse> credentials)
    {
        if (schema.Member("properties") is not { ValueKind: JsonValueKind.Object } needs) return [];
        var required = Texts(schema, "required");
        return
        [
            .. needs.EnumerateObject().Select(need =>
            {
                var (providers, types) = (Texts(need.Value, "credentials_provider"), Texts(need.Value, "credentials_types"));
                return new CredentialNeed(need.Name, providers, required.Contains(need.Name), [.. credentials.Where(item => providers.Contains(item.Provider) && types.Contains(item.Type))]);
            }),
        ];
    }

    /// <summary>The credentials that are used, by need and without their secrets, as requests name them.</summary>
    /// <param name="needs">The needs.</param>
    internal static IReadOnlyDictionary<string, object> References(IEnumerable<CredentialNeed> needs) =>
        needs.Select(need => (need.Name, Value: need.Reference())).Where(pair => pair.Value is not null).ToDictionary(pair => pair.Name, object (pair) => pair.Value!, StringComparer.Ordinal);

    private CredentialsMetaInput? Reference() => _fitting.FirstOrDefault(item => item.Id == Chosen) is { } item
        ? new CredentialsMetaInput { Id = item.Id, Title = item.Title, Provider = item.Provider, Type = item.Type }
        : null;

    private static List<string> Texts(JsonElement schema, string name) =>
        schema.Member(name) is { ValueKind: JsonValueKind.Array } texts ? [.. texts.EnumerateArray().Select(text => text.ToString())] : [];
}
