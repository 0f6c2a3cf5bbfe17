using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text;

[Block("286380af-9529-4b55-8be0-1d7c854abdb5", "Parses simple tag markup into nested objects.")]
internal sealed class XMLParserBlock : PureBlock<XMLParserBlock.Input, XMLParserBlock.Output>
{
    private const int MaxLength = 10 * 1024 * 1024;

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        if (input.InputXml.Length > MaxLength) throw new BlockException($"XML too large: {input.InputXml.Length} > {MaxLength} characters");
        var roots = TagMarkup.Parse(input.InputXml);
        return [Emit(nameof(Output.ParsedXml), JsonValues.Build(writer => TagMarkup.Write(writer, roots)))];
    }

    internal sealed record Input
    {
        public required string InputXml { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        [Pin(Type = "object")]
        public required JsonElement ParsedXml { get; init; }
    }
}

/// <summary>
/// Tag markup, which language models write: tags around text, without attributes, entities, CDATA and declarations (contract: block-tiers, XML Parser). Nothing in it
/// refers to anything else, so that a text cannot expand.
/// </summary>
internal static class TagMarkup
{
    /// <summary>An element: its name and what stands in it.</summary>
    internal sealed record Element(string Name)
    {
        public List<Element> Children { get; } = [];

        public StringBuilder Text { get; } = new();
    }

    /// <summary>Reads the roots of a text.</summary>
    /// <exception cref="BlockException">There is no root, text stands outside of the roots, or two roots have one name.</exception>
    /// <exception cref="FormatException">A tag does not fit to the others.</exception>
    public static List<Element> Parse(string markup)
    {
        var roots = new List<Element>();
        var open = new Stack<Element>();
        for (var at = 0; at < markup.Length;)
        {
            if (markup[at] != '<') at = AddText(markup, at, open);
            else if (markup.AsSpan(at).StartsWith("<!--", StringComparison.Ordinal) && markup.IndexOf("-->", at + 4, StringComparison.Ordinal) is var end and >= 0) at = end + 3;
            else at = AddTag(markup, at, open, roots);
        }

        if (open.TryPeek(out var unclosed)) throw new FormatException($"Error in input xml syntax: the tag <{unclosed.Name}> is not closed");
        if (roots.Count == 0) throw new BlockException("XML must include a root element");
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (roots.Find(root => !names.Add(root.Name)) is { } twice) throw new BlockException($"XML has several root elements with the name '{twice.Name}'; wrap them in a single root tag");
        return roots;
    }

    /// <summary>Writes elements as the value of what they stand in: an object when their names differ, else a list of objects with one member.</summary>
    public static void Write(Utf8JsonWriter writer, List<Element> elements)
    {
        if (elements.Count == elements.Select(element => element.Name).Distinct(StringComparer.Ordinal).Count())
        {
            writer.WriteStartObject();
            foreach (var element in elements) WriteMember(writer, element);
            writer.WriteEndObject();
            return;
        }

        writer.WriteStartArray();
        foreach (var element in elements)
        {
            writer.WriteStartObject();
            WriteMember(writer, element);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteMember(Utf8JsonWriter writer, Element element)
    {
        writer.WritePropertyName(element.Name);
        // Text beside children is lost.
        if (element.Children.Count > 0) Write(writer, element.Children);
        else writer.WriteStringValue(JsonValues.CleanText(PythonText.Strip(element.Text.ToString())));
    }

    private static int AddText(string markup, int at, Stack<Element> open)
    {
        var end = markup.IndexOf('<', at);
        if (end < 0) end = markup.Length;
        if (open.TryPeek(out var element)) element.Text.Append(markup, at, end - at);
        else if (PythonText.Strip(markup[at..end]).Length > 0) throw new BlockException("XML contains text outside the root element; wrap content in a single root tag");
        return end;
    }

    private static int AddTag(string markup, int at, Stack<Element> open, List<Element> roots)
    {
        var end = markup.AsSpan(at + 1).IndexOfAny('<', '>');
        // A < that begins no tag is dropped.
        if (end <= 0 || markup[at + 1 + end] == '<') return at + 1;
        var tag = markup.AsSpan(at + 1, end);
        if (tag[^1] == '/') return at + end + 2;
        if (tag[0] == '/') Close(NameOf(tag[1..]), open);
        else Open(NameOf(tag), open, roots);
        return at + end + 2;
    }

    private static void Open(string name, Stack<Element> open, List<Element> roots)
    {
        if (open.Count >= JsonValues.MaxDepth) throw new BlockException($"XML nests deeper than {JsonValues.MaxDepth} levels, which is the limit");
        var element = new Element(name);
        (open.TryPeek(out var parent) ? parent.Children : roots).Add(element);
        open.Push(element);
    }

    private static void Close(string name, Stack<Element> open)
    {
        if (!open.TryPop(out var element)) throw new FormatException($"Error in input xml syntax: the tag </{name}> closes nothing");
        if (element.Name != name) throw new FormatException($"Error in input xml syntax: the tag <{element.Name}> is closed by </{name}>");
    }

    private static string NameOf(ReadOnlySpan<char> tag) => PythonText.Strip(JsonValues.CleanText(tag.ToString())).ToLowerInvariant().Replace(' ', '_');
}
