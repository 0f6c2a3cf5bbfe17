using System.Numerics;
using Grainflow.Templates.Rendering;
using Grainflow.Templates.Values;

namespace Grainflow.Templates.Functions;

/// <summary>Methods that search and split texts.</summary>
internal static class TextSearchMethods
{
    public static readonly (string Name, Function Function)[] All =
    [
        ("startswith", new("prefix start? end?", (_, value, args) => Matches(value, args, (text, part) => text.StartsWith(part, StringComparison.Ordinal)))),
        ("endswith", new("suffix start? end?", (_, value, args) => Matches(value, args, (text, part) => text.EndsWith(part, StringComparison.Ordinal)))),
        ("find", new("sub start? end?", (_, value, args) => Find(value, args, last: false))),
        ("rfind", new("sub start? end?", (_, value, args) => Find(value, args, last: true))),
        ("index", new("sub start? end?", (_, value, args) => Existing(Find(value, args, last: false)))),
        ("rindex", new("sub start? end?", (_, value, args) => Existing(Find(value, args, last: true)))),
        ("count", new("sub start? end?", (_, value, args) => (BigInteger)Texts.Occurrences(Window(value, args, out bool _), Texts.Require(args.Given(0))))),
        ("split", new("sep? maxsplit?", (_, value, args) => Like(value, Split(Texts.Require(value), args.Text(0), args.Index(1, -1), fromEnd: false)))),
        ("rsplit", new("sep? maxsplit?", (_, value, args) => Like(value, Split(Texts.Require(value), args.Text(0), args.Index(1, -1), fromEnd: true)))),
        ("splitlines", new("keepends?", (_, value, args) => Like(value, TextParts.Lines(Texts.Require(value), args.Truth(0))))),
        ("partition", new("sep", (_, value, args) => Partition(value, Texts.Require(args.Given(0)), last: false))),
        ("rpartition", new("sep", (_, value, args) => Partition(value, Texts.Require(args.Given(0)), last: true))),
    ];

    private static ListValue Like(object value, IEnumerable<string> parts)
    {
        var list = new ListValue(value is Markup ? parts.Select(object (part) => new Markup(part)) : parts);
        RenderState.CheckElements(list.Count);
        return list;
    }

    private static object Matches(object value, Bound args, Func<string, string, bool> matches)
    {
        var text = Window(value, args, out var exists);
        var parts = args.Given(0) is TupleValue tuple ? tuple.Items : [args.Given(0)];
        return exists && parts.Any(part => matches(text, Texts.Require(part)));
    }

    // The part of the text that start and end leave.
    private static string Window(object value, Bound args, out bool exists)
    {
        var text = Texts.Require(value);
        exists = true;
        if (args[1] is null && args[2] is null) return text;
        var count = CodePoints.Count(text);
        var start = Place(args.Index(1) ?? 0, count);
        var end = Math.Min(Place(args.Index(2) ?? count, count), count);
        exists = start <= end;
        return exists ? CodePoints.Range(text, start, end) : "";
    }

    private static int Place(int place, int count) => place < 0 ? Math.Max(0, place + count) : place;

    private static BigInteger Find(object value, Bound args, bool last)
    {
        var text = Window(value, args, out var exists);
        var part = Texts.Require(args.Given(0));
        var at = !exists ? -1 : last ? LastIndexOf(text, part) : text.IndexOf(part, StringComparison.Ordinal);
        if (at < 0) return BigInteger.MinusOne;
        var start = args.Index(1) is { } given ? Place(given, Iteration.Length(value)) : 0;
        return start + CodePoints.CountBefore(text, at);
    }

    private static int LastIndexOf(string text, string part) => part.Length == 0 ? text.Length : text.LastIndexOf(part, StringComparison.Ordinal);

    private static BigInteger Existing(BigInteger place) => place.Sign >= 0 ? place : throw TemplateErrors.Value("substring not found");

    private static List<string> Split(string text, string? separator, int limit, bool fromEnd)
    {
        if (separator is null) return SplitAtSpace(text, limit, fromEnd);
        if (separator.Length == 0) throw TemplateErrors.Value("empty separator");
        if (limit < 0) return [.. text.Split(separator)];
        if (!fromEnd) return [.. text.Split(separator, limit == int.MaxValue ? limit : limit + 1)];
        var parts = new List<string>();
        for (; limit > 0 && text.LastIndexOf(separator, StringComparison.Ordinal) is var at and >= 0; limit--)
        {
            parts.Add(text[(at + separator.Length)..]);
            text = text[..at];
        }

        parts.Add(text);
        parts.Reverse();
        return parts;
    }

    private static List<string> SplitAtSpace(string text, int limit, bool fromEnd)
    {
        var words = TextParts.Words(text);
        if (limit < 0 || words.Count <= limit) return words;
        if (fromEnd)
        {
            var head = TextParts.TrimEnd(text);
            for (var i = 0; i < limit; i++) head = TextParts.TrimEnd(head[..^words[^(i + 1)].Length]);
            return head.Length == 0 ? words.GetRange(words.Count - limit, limit) : [head, .. words.GetRange(words.Count - limit, limit)];
        }

        var tail = TextParts.TrimStart(text);
        for (var i = 0; i < limit; i++) tail = TextParts.TrimStart(tail[words[i].Length..]);
        return tail.Length == 0 ? words.GetRange(0, limit) : [.. words.GetRange(0, limit), tail];
    }

    private static TupleValue Partition(object value, string separator, bool last)
    {
        if (separator.Length == 0) throw TemplateErrors.Value("empty separator");
        var text = Texts.Require(value);
        var at = last ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        string[] parts = at >= 0 ? [text[..at], separator, text[(at + separator.Length)..]] : last ? ["", "", text] : [text, "", ""];
        return new TupleValue(Like(value, parts));
    }
}
