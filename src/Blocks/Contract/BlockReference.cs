using System.Globalization;
using System.Text;
using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>Writes the reference of blocks, <c>docs/blocks.md</c>, from their definitions.</summary>
public static class BlockReference
{
    // Longer lists of values, such as the models, are shown by their number.
    private const int ShownValues = 20;

    /// <summary>The reference as Markdown, ordered by the names of the blocks.</summary>
    /// <param name="blocks">The blocks.</param>
    public static string Write(IEnumerable<BlockDefinition> blocks)
    {
        var ordered = blocks.OrderBy(block => block.Name, StringComparer.Ordinal).ToList();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Blocks\n\n{ordered.Count} blocks. `./run --list-blocks > docs/blocks.md` writes this page; a test compares it with the program. How to add one: [writing-blocks.md](writing-blocks.md).\n\n");
        text.Append("Effect: what one execution does outside of its run (contract: decision 38). Pins: name and type, then *required* or the default; \"several\" marks a block that may emit more than one value on a pin, \"waits\" one that mostly waits for time to pass.\n");
        foreach (var block in ordered) Append(text, block);
        return text.ToString();
    }

    private static void Append(StringBuilder text, BlockDefinition block)
    {
        var facts = new List<string> { $"`{block.Id}`" };
        if (block.Categories.Count > 0) facts.Add(string.Join(", ", block.Categories));
        if (block.Kind != BlockKind.Standard) facts.Add($"kind {block.Kind}");
        facts.Add($"effect {EffectText(block)}");
        facts.Add(PriceText(block.Costs));
        if (block.StaticOutput) facts.Add("static output");
        if (block.EmitsSeveral) facts.Add("several");
        if (block.Waits) facts.Add("waits");
        if (block.SensitiveAction) facts.Add("sensitive action");
        text.Append(CultureInfo.InvariantCulture, $"\n## {block.Name}\n\n{block.Description}\n\n{string.Join(" · ", facts)}\n\n");
        foreach (var pin in block.Inputs) text.Append(CultureInfo.InvariantCulture, $"- in `{pin.Name}` `{TypeText(pin)}`, {(pin.Required ? "*required*" : DefaultText(pin.Default))}\n");
        foreach (var pin in block.Outputs) text.Append(CultureInfo.InvariantCulture, $"- out `{pin.Name}` `{TypeText(pin)}`\n");
    }

    private static string EffectText(BlockDefinition block) =>
        block.EffectByPin is { } by ? $"by `{by.Pin}`, at most {block.Effect.ToString().ToLowerInvariant()}" : block.Effect.ToString().ToLowerInvariant();

    private static string PriceText(IReadOnlyList<CostRule> costs)
    {
        if (costs.Count == 0) return "free";
        var (least, most) = (costs.Min(rule => rule.Credits), costs.Max(rule => rule.Credits));
        var credits = least == most ? $"{most}" : $"{least} to {most}";
        return $"{credits} credits a run with the platform's credentials{(costs.Count > 1 ? ", by the input" : "")}";
    }

    private static string DefaultText(JsonElement? value) => value is { } known && !known.IsNull() ? $"default `{JsonValues.Compact(known).Replace("`", "'", StringComparison.Ordinal)}`" : "optional";

    private static string TypeText(PinDefinition pin) => pin.Credentials is { } wanted
        ? $"credentials of {string.Join(", ", wanted.Providers)} ({string.Join(", ", wanted.Types)})"
        : TypeText(pin.Type);

    private static string TypeText(PinType type) => type switch
    {
        PinType.StringType { Format: { } format } => $"string:{format}",
        PinType.StringType => "string",
        PinType.IntegerType => "integer",
        PinType.NumberType => "number",
        PinType.BooleanType => "boolean",
        PinType.ArrayType array => $"array<{TypeText(array.Element)}>",
        PinType.MapType { Value: PinType.AnyType } => "object",
        PinType.MapType map => $"map<{TypeText(map.Value)}>",
        PinType.EnumType { Values.Count: > ShownValues } values => $"one of {values.Values.Count} values",
        PinType.EnumType values => $"enum({string.Join('|', values.Values)})",
        PinType.ModelType model => $"object{{{string.Join(", ", model.Members.Select(member => member.Name + (member.Required ? "" : "?")))}}}",
        PinType.NullableType nullable => TypeText(nullable.Inner) + "?",
        PinType.UnionType union => string.Join(" or ", union.Members.Select(TypeText)),
        _ => "any",
    };
}
