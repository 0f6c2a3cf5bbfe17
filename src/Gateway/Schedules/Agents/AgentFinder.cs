using System.Text.Json;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Graphs;
using Grainflow.Gateway.Requests;
using Grainflow.Storage.Graphs;

namespace Grainflow.Gateway.Schedules.Agents;

/// <summary>Finds the graph that a path names as an agent (contract: decision 39).</summary>
internal sealed class AgentFinder(AgentNames names, IGraphStore graphs)
{
    /// <summary>The agent of the path: the caller's graph of that id, or his active graph of exactly that name.</summary>
    /// <exception cref="ApiException">404: there is none; 409: there are two, whose ids the error has.</exception>
    public async Task<Agent> FindAsync(ApiRequest request)
    {
        var name = request.Path("name");
        var user = request.Caller.UserId;
        var key = Guid.TryParseExact(name, "D", out var graphId) ? await names.FindAsync(user, graphId, request.Aborted) : null;
        if (key is null)
        {
            var found = await names.FindAsync(user, name, request.Aborted);
            if (found.Count > 1)
                throw ApiException.Detail(409, $"{found.Count} agents have the name '{name}'; name one by its id: {string.Join(", ", found.Select(other => other.Id))}.").BeforeAnyChange();
            key = found.Count == 1 ? found[0] : throw NotFound(name);
        }

        var row = await graphs.FindAsync(key.Id, key.Version, request.Aborted) ?? throw NotFound(name);
        return new Agent(row.Id, row.Version, GraphAnswers.Document(row.Document).Name, GraphAnswers.Facts(row.Model));
    }

    private static ApiException NotFound(string name) => ApiException.Detail(404, $"Agent '{name}' not found.").BeforeAnyChange();
}

/// <summary>A graph as an agent.</summary>
/// <param name="Id">The graph.</param>
/// <param name="Version">Its active version.</param>
/// <param name="Name">Its name.</param>
/// <param name="Facts">What follows from its document.</param>
internal sealed record Agent(Guid Id, int Version, string Name, StoredFacts Facts)
{
    private static readonly string[] MessageNames = ["message", "prompt", "task", "query", "input"];
    private static readonly string[] TextFormats = ["short-text", "long-text"];

    /// <summary>The inputs of a run with a message, which goes to the input that takes messages (contract: schedules-others, "message").</summary>
    /// <param name="message">The message; empty for none.</param>
    /// <param name="inputs">Values by input name, which go before the message.</param>
    /// <exception cref="ApiException">422: no input takes a message; the error has the names of the inputs.</exception>
    public IReadOnlyDictionary<string, JsonElement> Inputs(string message, IReadOnlyDictionary<string, JsonElement> inputs)
    {
        if (message.Length == 0) return inputs;
        var schemas = Facts.InputSchema.TryGetValue("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
            ? properties.EnumerateObject().ToList()
            : [];
        var target = MessageNames.FirstOrDefault(name => schemas.Exists(schema => schema.Name == name));
        if (target is null)
        {
            var texts = schemas.Where(schema => IsText(schema.Value) && !schema.Value.TryGetProperty("default", out _)).Select(schema => schema.Name).ToList();
            target = texts.Count == 1 ? texts[0] : throw ApiException.Detail(
                422,
                schemas.Count == 0
                    ? "message: the agent has no inputs."
                    : $"message: no input of the agent takes it; give inputs, whose names are {string.Join(", ", schemas.Select(schema => schema.Name))}.").BeforeAnyChange();
        }

        return inputs.ContainsKey(target) ? inputs : new Dictionary<string, JsonElement>(inputs, StringComparer.Ordinal) { [target] = JsonSerializer.SerializeToElement(message) };
    }

    private static bool IsText(JsonElement schema) => schema.TryGetProperty("anyOf", out var choices)
        ? choices.EnumerateArray().Any(IsText)
        : schema.TryGetProperty("type", out var type) && type.GetString() == "string"
            && (!schema.TryGetProperty("format", out var format) || TextFormats.Contains(format.GetString()));
}
