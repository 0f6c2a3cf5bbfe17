using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Running;

/// <summary>
/// Assigns the inputs of a command line to the agent: to the value of an Input node, or to a pin of a node that starts the agent. Names and
/// types are checked before anything is stored.
/// </summary>
/// <param name="graph">The graph at the top.</param>
internal sealed class AgentInputs(GraphIndex graph)
{
    private readonly List<GraphNode> _inputNodes = [.. graph.Graph.Nodes.Where(node => graph.FindBlock(node.Id)?.Kind == BlockKind.Input && node.PinName is not null)];

    private readonly List<GraphNode> _starters = [.. graph.StartingNodes.Where(node => graph.FindBlock(node.Id) is { Kind: not BlockKind.Input })];

    /// <summary>Checks the inputs and sorts them into values by input name, and values by node id and pin.</summary>
    /// <param name="given">The inputs of the command line.</param>
    /// <param name="originalId">The id that a node has in the user's file.</param>
    /// <param name="complete">Whether all inputs must be given.</param>
    /// <exception cref="CliException">A name is not known, a value is not of the type, or an input is missing.</exception>
    public (ImmutableDictionary<string, JsonElement> Inputs, ImmutableDictionary<string, OrderedDictionary<string, JsonElement>> Masks) Bind(
        IEnumerable<CliInput> given, Func<GraphNode, string> originalId, bool complete = true)
    {
        var inputs = ImmutableDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        var masks = ImmutableDictionary.CreateBuilder<string, OrderedDictionary<string, JsonElement>>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in given)
        {
            if (!names.Add(input.Name)) throw new CliException($"Input '{input.Name}' is given twice.");
            if (_inputNodes.Find(node => node.PinName == input.Name) is { } inputNode)
            {
                inputs[input.Name] = Read(input, graph.FindBlock(inputNode.Id)!.FindInput("value")?.Type ?? PinType.Any);
                continue;
            }

            var (node, pin) = FindPin(input.Name, originalId);
            if (!masks.TryGetValue(node.Id, out var mask)) masks[node.Id] = mask = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
            if (!mask.TryAdd(pin.Name, Read(input, pin.Type))) throw new CliException($"Input '{input.Name}' is given twice, once by another name.");
        }

        if (complete) Require(inputs, masks, originalId);
        return (inputs.ToImmutable(), masks.ToImmutable());
    }

    private void Require(
        ImmutableDictionary<string, JsonElement>.Builder inputs,
        ImmutableDictionary<string, OrderedDictionary<string, JsonElement>>.Builder masks,
        Func<GraphNode, string> originalId)
    {
        var missing = _inputNodes
            .Where(node => !inputs.ContainsKey(node.PinName!) && IsEmpty(node.InputDefault.Member("value") ?? graph.FindBlock(node.Id)!.FindInput("value")?.Default))
            .Select(node => node.PinName!).Distinct(StringComparer.Ordinal).ToList();
        foreach (var node in _starters)
        {
            var mask = masks.TryGetValue(node.Id, out var given) ? given : null;
            var provided = node.InputDefault.EnumerateObject().Select(member => DynamicPins.BaseName(member.Name)).ToHashSet(StringComparer.Ordinal);
            missing.AddRange(graph.FindBlock(node.Id)!.Inputs
                .Where(pin => pin.Required && pin.Credentials is null && !provided.Contains(pin.Name) && mask?.ContainsKey(pin.Name) != true)
                .Select(pin => Owners(pin.Name) == 1 ? pin.Name : $"{originalId(node)}.{pin.Name}"));
        }

        if (missing.Count == 0) return;
        var what = missing.Count == 1 ? $"Input '{missing[0]}' is missing" : $"{missing.Count} inputs are missing: {string.Join(", ", missing.Select(name => $"'{name}'"))}";
        throw new CliException($"{what}. Give {(missing.Count == 1 ? "it" : "them")} by --input {string.Join(" ", missing.Select(name => Quote(name + "=...")))}");
    }

    private (GraphNode Node, PinDefinition Pin) FindPin(string name, Func<GraphNode, string> originalId)
    {
        var at = name.IndexOf('.', StringComparison.Ordinal);
        foreach (var node in _starters)
        {
            var block = graph.FindBlock(node.Id)!;
            if (at > 0 && (name[..at] == originalId(node) || name[..at] == node.Id) && block.FindInput(name[(at + 1)..]) is { } qualified) return (node, qualified);
            if (block.FindInput(name) is not { } pin) continue;
            if (Owners(name) == 1) return (node, pin);
            throw new CliException($"Several starting nodes have a pin '{name}'. Name one: {string.Join(", ", _starters.Where(starter => graph.FindBlock(starter.Id)!.FindInput(name) is not null).Select(starter => $"{originalId(starter)}.{name}"))}.");
        }

        var known = _inputNodes.Select(node => node.PinName!).Concat(_starters.SelectMany(node => graph.FindBlock(node.Id)!.Inputs.Select(pin => pin.Name))).Distinct(StringComparer.Ordinal).ToList();
        throw new CliException($"The agent has no input '{name}'.{Nearest.Hint(name, known)} {(known.Count == 0 ? "It takes none." : "It has: " + Nearest.List(known) + ".")}");
    }

    private int Owners(string pin) => _starters.Count(node => graph.FindBlock(node.Id)!.FindInput(pin) is not null);

    /// <summary>Reads the text of an input as a value of a pin's type.</summary>
    /// <exception cref="CliException">The text is no such value.</exception>
    internal static JsonElement Read(CliInput input, PinType type)
    {
        // A value that comes from a file may begin with a byte order mark, which JSON does not have.
        var unmarked = input.Value.TrimStart('\uFEFF');
        if (input.IsJson)
        {
            if (!JsonValues.TryParse(unmarked, out var json)) throw new CliException($"Input '{input.Name}': {input.Value} is not JSON. Text needs quotes after ':='; or use {input.Name}=TEXT.");
            return SchemaCheck.Find(json, type) is { } misfit ? throw new CliException($"Input '{input.Name}': {misfit}.") : JsonValues.Clean(json);
        }

        // A pin of any type takes text that begins as a JSON list or object, and is one, as JSON.
        if (type is PinType.AnyType && unmarked.TrimStart() is ['[' or '{', ..] && JsonValues.TryParse(unmarked, out var container)) return JsonValues.Clean(container);
        var text = JsonValues.From(JsonValues.CleanText(input.Value));
        if (SchemaCheck.Find(text, type) is null) return text;
        if (JsonValues.TryParse(unmarked, out var value) && SchemaCheck.Find(value, type) is null) return JsonValues.Clean(value);
        if (FromText(input.Value, type) is { } read && SchemaCheck.Find(read, type) is null) return read;
        throw new CliException($"Input '{input.Name}' takes {Name(type)}, but '{input.Value}' is given.");
    }

    /// <summary>
    /// Reads forms that JSON does not have and the conversion of pins reads: digits of other scripts, 1_000, .5, TRUE. The conversion makes 0 of a word
    /// that is no number; here it is null, so that the input is refused.
    /// </summary>
    private static JsonElement? FromText(string text, PinType type) => type switch
    {
        PinType.NullableType nullable => FromText(text, nullable.Inner),
        PinType.IntegerType when PythonNumber.TryParseWhole(text, 10, out var whole) => JsonValues.From(whole),
        PinType.IntegerType or PinType.NumberType when PythonNumber.TryParseFloat(text, out var number) && double.IsFinite(number) => JsonValues.From(number),
        PinType.BooleanType when PythonCase.Lower(PythonText.Strip(text)) is { } word && (word is "true" or "false") => JsonValues.From(word == "true"),
        _ => null,
    };

    private static string Name(PinType type) => type switch
    {
        PinType.IntegerType => "a whole number",
        PinType.NumberType => "a number",
        PinType.BooleanType => "true or false",
        PinType.ArrayType => "a JSON list",
        PinType.MapType or PinType.ModelType => "a JSON object",
        PinType.EnumType choice => "one of " + string.Join(", ", choice.Values),
        PinType.NullableType nullable => Name(nullable.Inner),
        PinType.UnionType union => string.Join(" or ", union.Members.Select(Name)),
        _ => "text",
    };

    private static bool IsEmpty(JsonElement? value) => value is not { } given || given.IsNull();

    private static string Quote(string text) => text.Contains(' ', StringComparison.Ordinal) ? $"'{text}'" : text;
}
