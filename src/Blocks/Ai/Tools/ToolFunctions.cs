using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Tools;

/// <summary>A tool as a model sees it, and the node behind it.</summary>
/// <param name="Node">The node.</param>
/// <param name="Tool">The name, the description and the schema of the arguments.</param>
/// <param name="Arguments">The arguments in order.</param>
internal sealed record ToolFunction(ToolNode Node, ChatTool Tool, ImmutableArray<ToolArgument> Arguments)
{
    /// <summary>The pin on which the block emits a value for an argument (contract: semantics 2.8).</summary>
    /// <param name="argument">An argument of this tool.</param>
    public string OutputPin(ToolArgument argument) => $"tools_^_{Node.NodeId}_~_{argument.Pin}";
}

/// <summary>An argument of a tool.</summary>
/// <param name="Name">Its name for the model.</param>
/// <param name="Pin">The input pin, whose name may be dynamic.</param>
/// <param name="Type">The type of the pin; any for parts of values and for pins of sub-agents.</param>
/// <param name="Required">Whether the model must give it.</param>
internal sealed record ToolArgument(string Name, string Pin, PinType Type, bool Required);

/// <summary>Makes tools of nodes (contract: block-tiers, Smart Decision Maker). Pure.</summary>
internal static class ToolFunctions
{
    // OpenAI and Anthropic take names of at most 64 characters.
    private const int LongestName = 64;

    /// <summary>The tools of the nodes, in their order. Two with the same name get numbers, so that a call names one of them.</summary>
    /// <param name="nodes">The nodes.</param>
    public static ImmutableArray<ToolFunction> Of(IReadOnlyList<ToolNode> nodes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. nodes.Select(node => Of(node, Unique(names, NameOf(node))))];
    }

    /// <summary>The tools as the block shows them on <c>tool_functions</c>.</summary>
    /// <param name="functions">The tools.</param>
    public static string Describe(ImmutableArray<ToolFunction> functions) => PythonText.Json(JsonValues.Array(functions.Select(function => JsonValues.Object(
        KeyValuePair.Create("type", JsonValues.From("function")),
        KeyValuePair.Create("function", JsonValues.Object(
            KeyValuePair.Create("name", JsonValues.From(function.Tool.Name)),
            KeyValuePair.Create("description", JsonValues.From(function.Tool.Description)),
            KeyValuePair.Create("parameters", function.Tool.Parameters),
            KeyValuePair.Create("_field_mapping", JsonValues.Object(function.Arguments.Select(argument => KeyValuePair.Create(argument.Name, JsonValues.From(argument.Pin))))),
            KeyValuePair.Create("_sink_node_id", JsonValues.From(function.Node.NodeId))))))));

    /// <summary>A name with no other characters than letters of ASCII, digits, <c>_</c> and <c>-</c>, in lower case.</summary>
    /// <param name="name">Any text.</param>
    public static string Clean(string name)
    {
        var cleaned = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes()) cleaned.Append(rune.IsAscii && (Rune.IsLetterOrDigit(rune) || rune.Value is '_' or '-') ? char.ToLowerInvariant((char)rune.Value) : '_');
        return cleaned.ToString();
    }

    private static string NameOf(ToolNode node)
    {
        var name = Clean(node.Title ?? node.AgentName ?? node.Block.Name);
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    private static ToolFunction Of(ToolNode node, string name)
    {
        var isAgent = node.Block.Kind == BlockKind.Agent;
        var names = new HashSet<string>(StringComparer.Ordinal);
        var arguments = node.Pins.Select(pin => isAgent ? OfAgent(node, pin, Unique(names, Clean(pin))) : OfBlock(node.Block, pin, Unique(names, Clean(pin)))).ToImmutableArray();
        var required = arguments.Where(argument => argument.Required).Select(argument => JsonValues.From(argument.Name)).ToList();
        var schema = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["type"] = JsonValues.From("object"),
            ["properties"] = JsonValues.Object(arguments.Select(argument => KeyValuePair.Create(argument.Name, isAgent ? AgentSchema(node, argument.Pin) : BlockSchema(node.Block, argument.Pin)))),
        };
        if (!isAgent || required.Count > 0) schema["required"] = JsonValues.Array(required);
        schema["additionalProperties"] = JsonValues.False;
        var description = isAgent ? node.AgentDescription is { Length: > 0 } text ? text : node.AgentName ?? "Runs an agent." : node.Block.Description;
        return new ToolFunction(node, new ChatTool(name, description, JsonValues.Object(schema)), arguments);
    }

    private static ToolArgument OfBlock(BlockDefinition block, string pin, string name)
    {
        var baseName = DynamicPins.BaseName(pin);
        var declared = block.FindInput(baseName);
        return new ToolArgument(name, pin, pin == baseName && declared is not null ? declared.Type : PinType.Any, declared?.Required ?? false);
    }

    private static ToolArgument OfAgent(ToolNode node, string pin, string name) => new(
        name, pin, PinType.Any, node.Constants.Member("input_schema")?.Member("required") is { ValueKind: JsonValueKind.Array } required && required.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(pin)));

    private static JsonElement BlockSchema(BlockDefinition block, string pin)
    {
        var baseName = DynamicPins.BaseName(pin);
        var schema = block.InputSchema.Member("properties")?.Member(baseName);
        if (schema is not { ValueKind: JsonValueKind.Object } known) return Described(pin, []);
        if (pin == baseName) return Described(pin, known.EnumerateObject().Where(member => member.Name is not ("title" or "advanced" or "secret" or "hidden" or "llm_model" or "depends_on")));
        // A part of a value: of a map its values, of a list its elements.
        var part = known.Member("additionalProperties") is { ValueKind: JsonValueKind.Object } values ? values : known.Member("items") is { ValueKind: JsonValueKind.Object } items ? items : JsonValues.EmptyObject;
        return Described(pin, part.EnumerateObject());
    }

    private static JsonElement AgentSchema(ToolNode node, string pin)
    {
        var declared = node.Constants.Member("input_schema")?.Member("properties")?.Member(pin);
        if (declared is not { ValueKind: JsonValueKind.Object } known) return Described(pin, [], "string");
        return Described(pin, known.EnumerateObject().Where(member => member.Name is "type" or "description" or "default" or "enum" or "items" or "anyOf" or "format"), "string");
    }

    private static JsonElement Described(string pin, IEnumerable<JsonProperty> members, string? type = null)
    {
        var schema = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in members) schema[member.Name] = member.Value;
        if (type is not null && !schema.ContainsKey("type") && !schema.ContainsKey("anyOf")) schema["type"] = JsonValues.From(type);
        if (!schema.ContainsKey("description")) schema["description"] = JsonValues.From($"The value for '{pin}'.");
        return JsonValues.Object(schema);
    }

    private static string Unique(HashSet<string> taken, string name)
    {
        var unique = name.Length == 0 ? "_" : name;
        for (var number = 2; !taken.Add(unique); number++) unique = string.Create(CultureInfo.InvariantCulture, $"{(name.Length > LongestName - 6 ? name[..(LongestName - 6)] : name)}_{number}");
        return unique;
    }
}
