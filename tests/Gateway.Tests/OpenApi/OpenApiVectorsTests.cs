using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.Gateway.Tests.OpenApi;

/// <summary>Our document against the contract's, field by field, for every operation that is built.</summary>
public sealed class OpenApiVectorsTests(ApiServer server) : IClassFixture<ApiServer>
{
    // Ours alone: the contract has no probes, and only describes in words what it adds to schedules (semantics 5.5). The estimate is an addition.
    private static readonly string[] Own =
    [
        "GET /health/live", "GET /health/ready", "GET /health/startup", "GET /api/schedules/preview", "GET /api/schedules/status",
        "GET /api/schedules/{schedule_id}", "PATCH /api/schedules/{schedule_id}", "GET /api/schedules/{schedule_id}/executions",
        .. new[] { "enable", "disable", "resume", "pause", "trigger", "backfill" }.Select(verb => $"POST /api/schedules/{{schedule_id}}/{verb}"),
        "GET /api/activities/timeline", "GET /api/graphs/{graph_id}/cost-estimate", "GET /api/graphs/{graph_id}/executions/{graph_exec_id}/log",
        "GET /api/integrations/{provider}/credentials/{cred_id}/accesses", "GET /api/admin/overview",
        "GET /api/integrations/webhooks/{webhook_id}/deliveries", "POST /api/integrations/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
        // Of newer versions of AutoGPT (upstream 2c).
        "POST /api/mcp/discover-tools", "POST /api/mcp/oauth/callback", "POST /api/mcp/oauth/login", "POST /api/mcp/token",
        // Also of newer versions (upstream 2a).
        "GET /api/onboarding/completed", "GET /api/schedules/followups",
        // A delivery is acknowledged with 202 before it is processed; the contract has 200 (ADR 0033).
        "POST /api/integrations/{provider}/webhooks/{webhook_id}/ingress",
    ];

    private static readonly string[] Sections = ["Graphs", "Executions", "Blocks", "Schedules", "Credits", "Review", "Integrations", "API Keys", "Onboarding"];

    /// <summary>Sections that the contract has beside its core, and that are built whole.</summary>
    private static readonly string[] LaterSections = ["Builder", "Files", "Shared executions", "Onboarding"];

    /// <summary>
    /// Schedules have more members than in the contract (semantics 5.5), and a next time of null where disabled ones are asked for; credits have the cursor and the
    /// ids of newer versions (upstream 2b).
    /// </summary>
    private static readonly string[] WithAdditions = ["schedules", "credits", "review"];

    /// <summary>Members of runs and prices in newer versions of AutoGPT (decision 34, upstream 2a and 2b), and <c>max_cost</c> of our own.</summary>
    private static readonly string[] OfNewerVersions =
    [
        "is_dry_run", "organization_id", "team_id", "expert_id", "trigger_source", "trigger_ref", "schedule_id", "webhook_id",
        "failure_reason", "cost_divisor", "token_rate", "max_cost", "is_managed", "service", "service_name", "service_icon", "mcp_auth_scheme", "cancel_url", "credential_id",
        "pinned_presets", "warnings", "dry_run", "AutoGPT-Shape", "metadata",
    ];

    /// <summary>Types of prices in newer versions of AutoGPT (upstream 2b).</summary>
    private static readonly string[] NewerTypesOfPrices = ["items", "cost_usd", "tokens"];

    /// <summary>Names of steps of onboarding in newer versions of AutoGPT (upstream 2b).</summary>
    private static readonly string[] NewerSteps = ["ONBOARDING_COMPLETE", "LIBRARY_RUN_AGENT"];

    [Fact]
    public async Task Every_operation_that_is_built_is_that_of_the_contract()
    {
        var (ours, contract) = await ReadAsync();
        var known = Operations(contract);
        foreach (var (name, operation) in Operations(ours).Where(pair => !IsOwn(pair.Key)))
        {
            Assert.True(known.TryGetValue(name, out var wanted), $"{name} is not in the contract");
            var expected = Describe(wanted, contract);
            var described = Describe(operation, ours);
            var isOpen = operation["tags"]!.AsArray().Any(tag => WithAdditions.Contains(tag!.GetValue<string>()));
            RemoveAdditions(described, expected, member => isOpen || OfNewerVersions.Contains(member));
            Assert.True(JsonNode.DeepEquals(expected, described), $"{name}\ncontract: {expected.ToJsonString()}\nours:     {described.ToJsonString()}");
        }
    }

    [Fact]
    public async Task What_is_not_built_is_known()
    {
        var (ours, contract) = await ReadAsync();
        var built = Operations(ours).Keys.ToHashSet(StringComparer.Ordinal);
        var missing = Operations(contract).Where(pair => pair.Value["x-core"]?.GetValue<bool>() == true && !built.Contains(pair.Key)).ToList();
        foreach (var section in missing.GroupBy(pair => pair.Value["x-section"]!.GetValue<string>(), StringComparer.Ordinal))
            TestContext.Current.TestOutputHelper?.WriteLine($"{section.Key}: {string.Join(", ", section.Select(pair => pair.Key))}");
        Assert.Empty(missing.Where(pair => Sections.Contains(pair.Value["x-section"]!.GetValue<string>())).Select(pair => pair.Key));
        Assert.Empty(Operations(contract).Where(pair => LaterSections.Contains(pair.Value["x-section"]?.GetValue<string>()) && !built.Contains(pair.Key)).Select(pair => pair.Key));
        Assert.DoesNotContain("GET /health", missing.Select(pair => pair.Key));
    }

    // The interfaces of other products, which schedules-others.md describes.
    private static bool IsOwn(string operation) =>
        Own.Contains(operation) || operation.Contains(" /api/agents/", StringComparison.Ordinal) || operation.Contains(" /api/scheduler/", StringComparison.Ordinal);

    private static Dictionary<string, JsonObject> Operations(JsonObject document) => document["paths"]!.AsObject()
        .SelectMany(path => path.Value!.AsObject().Select(operation => ($"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value!.AsObject())))
        .ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);

    private static JsonObject Describe(JsonObject operation, JsonObject document) => new()
    {
        ["id"] = operation["operationId"]!.DeepClone(),
        ["tags"] = operation["tags"]!.DeepClone(),
        ["deprecated"] = operation["deprecated"]?.GetValue<bool>() == true,
        ["security"] = operation["security"]!.DeepClone(),
        ["parameters"] = new JsonArray([.. (operation["parameters"]?.AsArray() ?? []).Select(parameter => new JsonObject
        {
            ["name"] = parameter!["name"]!.DeepClone(),
            ["in"] = parameter["in"]!.DeepClone(),
            ["required"] = parameter["required"]!.DeepClone(),
            ["schema"] = Plain(parameter["schema"], document),
        })]),
        ["bodyRequired"] = operation["requestBody"]?["required"]?.GetValue<bool>() == true,
        ["body"] = Plain(operation["requestBody"]?["content"]?["application/json"]?["schema"], document),
        ["form"] = Plain(operation["requestBody"]?["content"]?["multipart/form-data"]?["schema"], document),
        ["status"] = Success(operation).Key,
        // What the reference really answers, where its document says less.
        ["answer"] = operation["x-actual-response"]?["x-empty-body"] is not null ? null : Plain(operation["x-actual-response"] ?? Success(operation).Value?["content"]?["application/json"]?["schema"], document),
    };

    /// <summary>Removes what ours has and the contract has not: parameters that may be left out, and members of objects, as far as their names may be added.</summary>
    private static void RemoveAdditions(JsonNode? ours, JsonNode? contract, Func<string, bool> mayAdd)
    {
        if ((ours, contract) is (JsonArray texts, JsonArray types) && types.Any(type => type is JsonValue && type.ToString() == "run")) foreach (var type in texts.Where(text => text is JsonValue && NewerTypesOfPrices.Contains(text.ToString())).ToList()) texts.Remove(type);
        if ((ours, contract) is (JsonArray steps, JsonArray knownSteps) && knownSteps.Any(step => step is JsonValue && step.ToString() == "WELCOME")) foreach (var step in steps.Where(step => NewerSteps.Contains(step!.ToString())).ToList()) steps.Remove(step);
        if ((ours, contract) is (JsonArray choicesOfOurs, JsonArray choicesOfContract) && choicesOfOurs.Count == choicesOfContract.Count)
        {
            for (var i = 0; i < choicesOfOurs.Count; i++) RemoveAdditions(choicesOfOurs[i], choicesOfContract[i], mayAdd);
        }

        if ((ours, contract) is not (JsonObject own, JsonObject wanted)) return;
        if (own["parameters"] is JsonArray parameters)
        {
            var names = wanted["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
            foreach (var added in parameters.Where(parameter => !names.Contains(parameter!["name"]!.GetValue<string>()) && mayAdd(parameter["name"]!.GetValue<string>()) && !parameter["required"]!.GetValue<bool>()).ToList()) parameters.Remove(added);
        }

        if (own["properties"] is JsonObject members && wanted["properties"] is JsonObject known)
        {
            foreach (var added in members.Select(member => member.Key).Where(name => !known.ContainsKey(name) && mayAdd(name)).ToList())
            {
                members.Remove(added);
                if (own["required"] is JsonArray required && required.FirstOrDefault(name => name!.GetValue<string>() == added) is { } entry) required.Remove(entry);
            }

            if (members["next_run_time"]?["anyOf"] is JsonArray choices) members["next_run_time"] = choices.Single(choice => choice!["type"]!.GetValue<string>() != "null")!.DeepClone();
        }

        foreach (var (name, value) in own.ToList()) RemoveAdditions(value, wanted[name], mayAdd);
    }

    private static KeyValuePair<string, JsonNode?> Success(JsonObject operation) => operation["responses"]!.AsObject().Single(response => response.Key.StartsWith('2'));

    /// <summary>A schema without references, names for people and differences of writing.</summary>
    private static JsonNode? Plain(JsonNode? schema, JsonObject document)
    {
        if (schema is not JsonObject given) return schema?.DeepClone();
        if (given["$ref"] is { } reference)
            return Plain(document["components"]!["schemas"]![reference.GetValue<string>().Split('/')[^1]], document);

        var plain = new JsonObject();
        foreach (var (name, value) in given.OrderBy(member => member.Key, StringComparer.Ordinal))
        {
            if (name is "title" or "description" || name.StartsWith("x-", StringComparison.Ordinal) || name.StartsWith("credentials_", StringComparison.Ordinal)) continue;
            plain[name] = (name, value) switch
            {
                ("properties", JsonObject properties) => new JsonObject(properties.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Plain(member.Value, document)))),
                ("required" or "enum", JsonArray texts) => new JsonArray([.. texts.Select(text => text!.GetValue<string>()).Order(StringComparer.Ordinal).Select(text => (JsonNode?)text)]),
                // In the order of the document: of records that a member tells apart, the first that fits is taken.
                ("oneOf", JsonArray records) => new JsonArray([.. records.Select(record => Plain(record, document))]),
                ("anyOf", JsonArray choices) => new JsonArray([.. choices.Select(choice => Plain(choice, document)).OrderBy(choice => choice!.ToJsonString(), StringComparer.Ordinal)]),
                ("additionalProperties", JsonObject { Count: 0 }) => true,
                (not "default", JsonObject inner) => Plain(inner, document),
                _ => value?.DeepClone(),
            };
        }

        return plain;
    }

    private async Task<(JsonObject Ours, JsonObject Contract)> ReadAsync()
    {
        var contract = JsonNode.Parse(await File.ReadAllBytesAsync(SharedFiles.Contract("openapi.json"), TestContext.Current.CancellationToken))!.AsObject();
        var ours = JsonNode.Parse((await server.With(null).GetAsync("/openapi.json")).Text)!.AsObject();
        return (ours, contract);
    }
}
