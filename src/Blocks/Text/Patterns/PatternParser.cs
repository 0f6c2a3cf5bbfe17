using System.Globalization;

namespace Grainflow.Blocks.Text.Patterns;

/// <summary>
/// Reads the syntax of Python's <c>re</c>, version 3.13, and refuses what it refuses, with its messages. What is not the same stands in
/// ADR 0019.
/// </summary>
internal sealed partial class PatternParser
{
    // Python gives up at about this depth, by the limit on its own stack.
    private const int MaxDepth = 450;

    private const long RepeatLimit = uint.MaxValue;

    private readonly PatternSource _source;

    // What each group holds, by its number less one; null while it is open.
    private readonly List<PatternSequence?> _groups = [];
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);

    // Groups that a condition asks for by number, which may be opened after it, with the position of the first condition.
    private readonly List<(int Group, int Position)> _conditions = [];

    // How many groups there were when the outermost look-behind that is open began.
    private int? _groupsBeforeLookBehind;

    private PatternFlags _flags;
    private int _depth;

    private PatternParser(string pattern, PatternFlags flags)
    {
        _source = new PatternSource(pattern);
        _flags = flags;
    }

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="flags">The flags that hold from its beginning.</param>
    /// <param name="groups">How many groups it captures.</param>
    /// <exception cref="PatternException">Python refuses the pattern.</exception>
    public static PatternSequence Parse(string pattern, PatternFlags flags, out int groups)
    {
        var parser = new PatternParser(pattern, flags);
        var parsed = parser.ReadAlternatives(isWhole: true);
        if (parser._flags.HasFlag(PatternFlags.Ascii | PatternFlags.Unicode)) throw new PatternException("ASCII and UNICODE flags are incompatible");
        if (parser._source.Next is not null) throw parser._source.Error("unbalanced parenthesis", parser._source.Position);
        groups = parser._groups.Count;
        foreach (var (group, position) in parser._conditions)
            if (group > groups) throw parser._source.Error($"invalid group reference {group}", position);
        return parsed;
    }

    private bool IsVerbose => _flags.HasFlag(PatternFlags.Verbose);

    private PatternSequence ReadAlternatives(bool isWhole = false)
    {
        if (++_depth > MaxDepth) throw new PatternException($"more than {MaxDepth} levels of parentheses");
        List<PatternSequence> alternatives = [ReadSequence(mayChangeFlags: isWhole)];
        while (_source.Take("|")) alternatives.Add(ReadSequence());
        _depth--;
        return alternatives.Count == 1 ? alternatives[0] : new PatternSequence([AsSet(alternatives) ?? new PatternNode.Choice(alternatives)]);
    }

    // A choice between single characters is a set. Python makes it one too, with the peculiarity of sets that CharacterClass describes.
    private static PatternNode? AsSet(List<PatternSequence> alternatives)
    {
        var sets = alternatives.Select(a => a.Nodes.Count == 1 ? a.Nodes[0] as PatternNode.One : null).ToList();
        return sets.TrueForAll(set => set is { Negated: false }) ? sets[0]! with { Items = [.. sets.SelectMany(set => set!.Items).Distinct()] } : null;
    }

    private PatternSequence ReadSequence(bool mayChangeFlags = false)
    {
        var nodes = new List<PatternNode>();
        while (_source.Next is not (null or "|" or ")"))
        {
            var token = _source.Take()!;
            if (IsVerbose && token is " " or "\t" or "\n" or "\r" or "\v" or "\f") continue;
            if (IsVerbose && token == "#") SkipLine();
            else if (token is "*" or "+" or "?" or "{") ReadRepeat(token, nodes);
            else if (token != "(") nodes.Add(ReadNode(token));
            else if (ReadGroup(mayChangeFlags && nodes.Count == 0) is { } group) nodes.Add(group);
        }

        return new PatternSequence([.. nodes.SelectMany(node => node is PatternNode.Group { IsPlain: true } group ? group.Body.Nodes : [node])]);
    }

    private void SkipLine()
    {
        while (_source.Take() is { } skipped && skipped != "\n")
        {
        }
    }

    private PatternNode ReadNode(string token) => token[0] switch
    {
        '\\' => ReadEscape(token),
        '[' => ReadSet(),
        '.' => new PatternNode.Any(_flags.HasFlag(PatternFlags.DotAll)),
        '^' => new PatternNode.Place(_flags.HasFlag(PatternFlags.Multiline) ? PlaceKind.LineStart : PlaceKind.TextStart),
        '$' => new PatternNode.Place(_flags.HasFlag(PatternFlags.Multiline) ? PlaceKind.LineEnd : PlaceKind.TextEndOrLastNewline),
        _ => Literal(PatternSource.Character(token)),
    };

    private PatternNode.One Literal(int c) => new([new SetItem.Literal(c)], Negated: false, _flags);

    private void ReadRepeat(string token, List<PatternNode> nodes)
    {
        var position = _source.Position - 1;
        if (token == "{" && !IsCount())
        {
            nodes.Add(Literal('{'));
            return;
        }

        var (least, most) = token switch { "*" => (0L, null), "+" => (1L, null), "?" => (0L, 1L), _ => ReadCount() };
        var repeated = nodes.Count == 0 ? null : nodes[^1];
        if (repeated is null or PatternNode.Place) throw _source.Error("nothing to repeat", position);
        if (repeated is PatternNode.Repeat) throw _source.Error("multiple repeat", position);
        var kind = _source.Take("?") ? RepeatKind.Lazy : _source.Take("+") ? RepeatKind.Possessive : RepeatKind.Greedy;
        nodes[^1] = new PatternNode.Repeat(kind, least, most, repeated is PatternNode.Group { IsPlain: true } group ? group.Body : new PatternSequence([repeated]));
    }

    // {3}, {3,}, {,3}, {3,5} and {,}; any other text in braces, and {}, stands for itself.
    private bool IsCount()
    {
        var start = _source.Position;
        var digits = _source.TakeWhile(int.MaxValue, char.IsAsciiDigit);
        var hasComma = _source.Take(",");
        if (hasComma) _source.TakeWhile(int.MaxValue, char.IsAsciiDigit);
        var isCount = _source.Next == "}" && (hasComma || digits.Length > 0);
        _source.Return(start);
        return isCount;
    }

    private (long Least, long? Most) ReadCount()
    {
        var start = _source.Position;
        var least = Number(_source.TakeWhile(int.MaxValue, char.IsAsciiDigit));
        var most = _source.Take(",") ? Number(_source.TakeWhile(int.MaxValue, char.IsAsciiDigit)) : least;
        _source.Take();
        if (most < (least ?? 0)) throw _source.Error("min repeat greater than max repeat", start);
        return (least ?? 0, most);

        static long? Number(string digits)
        {
            if (digits.Length == 0) return null;
            return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < RepeatLimit
                ? number
                : throw new PatternException("the repetition number is too large");
        }
    }

    private PatternNode.One ReadSet()
    {
        var start = _source.Position - 1;
        var negated = _source.Take("^");
        var items = new List<SetItem>();
        while (true)
        {
            var token = TakeInSet(start);
            if (token == "]" && items.Count > 0) break;
            var item = ReadSetItem(token);
            if (!_source.Take("-"))
            {
                items.Add(item);
                continue;
            }

            var last = TakeInSet(start);
            if (last == "]")
            {
                items.AddRange([item, new SetItem.Literal('-')]);
                break;
            }

            items.Add(Range(token, item, last, ReadSetItem(last)));
        }

        return new PatternNode.One([.. items.Distinct()], negated, _flags);
    }

    private string TakeInSet(int start) => _source.Take() ?? throw _source.Error("unterminated character set", start);

    private SetItem.Range Range(string firstToken, SetItem first, string lastToken, SetItem last)
    {
        if (first is SetItem.Literal least && last is SetItem.Literal most && least.Character <= most.Character) return new SetItem.Range(least.Character, most.Character);
        throw _source.Error($"bad character range {firstToken}-{lastToken}", _source.Position - PatternSource.Length(firstToken) - 1 - PatternSource.Length(lastToken));
    }
}
