using System.Collections;

namespace Grainflow.Blocks.Text.Patterns;

/// <summary>A set of code points, with the searches that can be made faster than one test at a time.</summary>
internal abstract class CharacterSet
{
    public static CharacterSet Any { get; } = new AnyCharacter();

    public static CharacterSet AnyButNewline { get; } = new NoNewline();

    public static CharacterSet Of(PatternNode.One node) =>
        node is { Negated: false, Items: [SetItem.Literal literal] } && !node.Flags.HasFlag(PatternFlags.IgnoreCase) ? new SingleCharacter(literal.Character) : new CharacterClass(node);

    public abstract bool Contains(int c);

    /// <summary>How many code points at the beginning of a text are in the set.</summary>
    /// <param name="text">Any text.</param>
    public virtual int CountFirst(ReadOnlySpan<int> text)
    {
        var count = 0;
        while (count < text.Length && Contains(text[count])) count++;
        return count;
    }

    /// <summary>Where the first code point of the set stands in a text; -1 when there is none.</summary>
    /// <param name="text">Any text.</param>
    public virtual int IndexIn(ReadOnlySpan<int> text)
    {
        for (var i = 0; i < text.Length; i++)
            if (Contains(text[i])) return i;
        return -1;
    }

    private sealed class AnyCharacter : CharacterSet
    {
        public override bool Contains(int c) => true;

        public override int CountFirst(ReadOnlySpan<int> text) => text.Length;
    }

    private sealed class NoNewline : CharacterSet
    {
        public override bool Contains(int c) => c != '\n';

        public override int CountFirst(ReadOnlySpan<int> text) => text.IndexOf('\n') is >= 0 and var end ? end : text.Length;
    }

    private sealed class SingleCharacter(int character) : CharacterSet
    {
        public override bool Contains(int c) => c == character;

        public override int CountFirst(ReadOnlySpan<int> text) => text.IndexOfAnyExcept(character) is >= 0 and var end ? end : text.Length;

        public override int IndexIn(ReadOnlySpan<int> text) => text.IndexOf(character);
    }

    /// <summary>
    /// A set in brackets, or a letter whose case is ignored. Where case is ignored, a character is made lower case and is in the set when
    /// one of its forms is. As in Python, a letter beyond U+FFFF stands for itself alone when the set has other members
    /// (<c>(?i)[𐐀x]</c> finds neither 𐐀 nor 𐐨), but not when it is in a range.
    /// </summary>
    private sealed class CharacterClass : CharacterSet
    {
        private const int BasicPlane = 0x10000;
        private const int AsciiCount = 0x80;

        private readonly bool _negated;
        private readonly bool _ascii;
        private readonly bool _ignoreCase;
        private readonly CodePointRanges _members;

        // Those that end beyond U+FFFF.
        private readonly CodePointRanges _longRanges;
        private readonly List<SetItem.OfKind> _kinds;
        private readonly BitArray _answers = new(AsciiCount);

        public CharacterClass(PatternNode.One node)
        {
            _negated = node.Negated;
            _ascii = node.Flags.HasFlag(PatternFlags.Ascii);
            _ignoreCase = node.Flags.HasFlag(PatternFlags.IgnoreCase);
            _kinds = [.. node.Items.OfType<SetItem.OfKind>()];
            var ranges = node.Items.OfType<SetItem.Range>().ToList();
            var letters = node.Items.OfType<SetItem.Literal>().Select(literal => literal.Character);
            if (_ignoreCase) letters = letters.Select(c => c < BasicPlane || node.Items.Count == 1 ? Lower(c) : c);
            _members = new CodePointRanges([.. letters.Select(c => new SetItem.Range(c, c)), .. ranges]);
            _longRanges = new CodePointRanges(ranges.FindAll(range => range.Last >= BasicPlane));
            for (var c = 0; c < AsciiCount; c++) _answers[c] = IsMember(c) != _negated;
        }

        public override bool Contains(int c) => c < AsciiCount ? _answers[c] : IsMember(c) != _negated;

        private bool IsMember(int c)
        {
            if (_ignoreCase) c = Lower(c);
            if (_members.Contains(c)) return true;
            if (_ignoreCase && (HasFormIn(_members, c) || _longRanges.Contains(PatternCharacters.Upper(c)))) return true;
            foreach (var kind in _kinds)
                if (IsOf(kind.Kind, c) != kind.Negated) return true;
            return false;
        }

        private bool HasFormIn(CodePointRanges ranges, int lower)
        {
            if (_ascii) return lower is >= 'a' and <= 'z' && ranges.Contains(lower - ('a' - 'A'));
            foreach (var form in PatternCharacters.FormsOf(lower))
                if (ranges.Contains(form)) return true;
            return false;
        }

        private bool IsOf(CharacterKind kind, int c) => kind switch
        {
            CharacterKind.Digit => PatternCharacters.IsDigit(c, _ascii),
            CharacterKind.Space => PatternCharacters.IsSpace(c, _ascii),
            _ => PatternCharacters.IsWord(c, _ascii),
        };

        private int Lower(int c) => _ascii ? PatternCharacters.LowerAscii(c) : PatternCharacters.Lower(c);
    }

    /// <summary>Ranges in order and without overlap, so that a search among many takes few steps.</summary>
    private sealed class CodePointRanges
    {
        private readonly List<int> _firsts = [];
        private readonly List<int> _lasts = [];

        public CodePointRanges(List<SetItem.Range> ranges)
        {
            foreach (var range in ranges.OrderBy(range => range.First))
            {
                if (_lasts.Count > 0 && range.First <= _lasts[^1])
                {
                    _lasts[^1] = Math.Max(_lasts[^1], range.Last);
                    continue;
                }

                _firsts.Add(range.First);
                _lasts.Add(range.Last);
            }
        }

        public bool Contains(int c)
        {
            var place = _firsts.BinarySearch(c);
            return place >= 0 || (~place > 0 && c <= _lasts[~place - 1]);
        }
    }
}
