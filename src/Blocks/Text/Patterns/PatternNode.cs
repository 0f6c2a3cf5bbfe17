using System.Runtime.InteropServices;

namespace Grainflow.Blocks.Text.Patterns;

/// <summary>What changes the meaning of a part of a pattern.</summary>
[Flags]
internal enum PatternFlags
{
    None = 0,

    /// <summary><c>i</c>: upper and lower case are alike.</summary>
    IgnoreCase = 1,

    /// <summary><c>m</c>: <c>^</c> and <c>$</c> match at every line.</summary>
    Multiline = 2,

    /// <summary><c>s</c>: <c>.</c> matches a line feed too.</summary>
    DotAll = 4,

    /// <summary><c>x</c>: white space and comments in the pattern mean nothing.</summary>
    Verbose = 8,

    /// <summary><c>a</c>: <c>\w</c>, <c>\d</c>, <c>\s</c>, <c>\b</c> and the case of letters know ASCII only.</summary>
    Ascii = 16,

    /// <summary><c>u</c>: the opposite of <see cref="Ascii"/>, which holds anyway where neither is given.</summary>
    Unicode = 32,
}

/// <summary>A kind of characters that has an escape.</summary>
internal enum CharacterKind
{
    Digit,
    Space,
    Word,
}

/// <summary>A condition on a place in the text.</summary>
internal enum PlaceKind
{
    TextStart,
    LineStart,
    TextEnd,
    TextEndOrLastNewline,
    LineEnd,
    WordBoundary,
    NoWordBoundary,
    AsciiWordBoundary,
    NoAsciiWordBoundary,
}

/// <summary>In which order the numbers of repetitions are tried.</summary>
internal enum RepeatKind
{
    /// <summary>The most first.</summary>
    Greedy,

    /// <summary>The least first.</summary>
    Lazy,

    /// <summary>The most and no other.</summary>
    Possessive,
}

/// <summary>A member of a set.</summary>
internal abstract record SetItem
{
    internal sealed record Literal(int Character) : SetItem;

    /// <summary>The code points from first to last, both included.</summary>
    internal sealed record Range(int First, int Last) : SetItem;

    /// <summary>All characters of a kind; when negated, all others.</summary>
    internal sealed record OfKind(CharacterKind Kind, bool Negated) : SetItem;
}

/// <summary>How many code points a part of a pattern can match.</summary>
/// <param name="Least">The least number.</param>
/// <param name="Most">The greatest number, <see cref="Unlimited"/> or above when there is none.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PatternWidth(long Least, long Most)
{
    public const long Unlimited = 1L << 40;

    public static PatternWidth operator +(PatternWidth left, PatternWidth right) => new(Math.Min(left.Least + right.Least, Unlimited), Math.Min(left.Most + right.Most, Unlimited));

    public PatternWidth Times(long least, long most) => new(Product(Least, least), Product(Most, most));

    /// <summary>The width of a choice between this and another part.</summary>
    public PatternWidth Or(PatternWidth other) => new(Math.Min(Least, other.Least), Math.Max(Most, other.Most));

    private static long Product(long width, long count) => count > 0 && width > Unlimited / count ? Unlimited : width * count;
}

/// <summary>Parts of a pattern that follow one another.</summary>
/// <param name="nodes">The parts.</param>
internal sealed class PatternSequence(IReadOnlyList<PatternNode> nodes)
{
    private PatternWidth? _width;

    public IReadOnlyList<PatternNode> Nodes { get; } = nodes;

    public PatternWidth Width => _width ??= Nodes.Aggregate(default(PatternWidth), (sum, node) => sum + node.Width);
}

/// <summary>A part of a pattern. Flags are resolved: a part knows those that hold where it stands.</summary>
internal abstract record PatternNode
{
    private static readonly PatternWidth OneCharacter = new(1, 1);

    public virtual PatternWidth Width => default;

    /// <summary>One character of a set.</summary>
    internal sealed record One(IReadOnlyList<SetItem> Items, bool Negated, PatternFlags Flags) : PatternNode
    {
        public override PatternWidth Width => OneCharacter;
    }

    /// <summary>One character, whichever.</summary>
    internal sealed record Any(bool NewlineToo) : PatternNode
    {
        public override PatternWidth Width => OneCharacter;
    }

    internal sealed record Place(PlaceKind Kind) : PatternNode;

    /// <summary>Parts in parentheses.</summary>
    /// <param name="Number">The number of the group, from 1; null when it captures nothing.</param>
    /// <param name="ChangesFlags">Whether flags stand in its head.</param>
    /// <param name="Body">What stands in the parentheses.</param>
    internal sealed record Group(int? Number, bool ChangesFlags, PatternSequence Body) : PatternNode
    {
        public bool IsPlain => Number is null && !ChangesFlags;

        public override PatternWidth Width => Body.Width;
    }

    /// <summary>A group that keeps its first match.</summary>
    internal sealed record Atomic(PatternSequence Body) : PatternNode
    {
        public override PatternWidth Width => Body.Width;
    }

    /// <summary>A part that is matched several times.</summary>
    /// <param name="Kind">The order of attempts.</param>
    /// <param name="Least">The least number of repetitions.</param>
    /// <param name="Most">The greatest number; null when there is none.</param>
    /// <param name="Body">What is repeated.</param>
    internal sealed record Repeat(RepeatKind Kind, long Least, long? Most, PatternSequence Body) : PatternNode
    {
        public override PatternWidth Width => Body.Width.Times(Least, Most ?? PatternWidth.Unlimited);
    }

    internal sealed record Choice(IReadOnlyList<PatternSequence> Alternatives) : PatternNode
    {
        public override PatternWidth Width => Alternatives.Select(a => a.Width).Aggregate((one, other) => one.Or(other));
    }

    /// <summary>A condition on what follows, or on what stands before.</summary>
    internal sealed record Look(bool Behind, bool Negated, PatternSequence Body) : PatternNode;

    /// <summary>What never matches.</summary>
    internal sealed record Never : PatternNode;

    /// <summary>The text that a group has matched.</summary>
    internal sealed record BackReference(int Number, PatternSequence Referred, PatternFlags Flags) : PatternNode
    {
        public override PatternWidth Width => Referred.Width;
    }

    /// <summary>One of two parts, by whether a group has matched.</summary>
    internal sealed record Condition(int Number, PatternSequence Yes, PatternSequence? No) : PatternNode
    {
        public override PatternWidth Width => Yes.Width.Or(No?.Width ?? default);
    }
}
