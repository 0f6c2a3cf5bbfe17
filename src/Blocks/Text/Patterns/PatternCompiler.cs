namespace Grainflow.Blocks.Text.Patterns;

/// <summary>Turns a parsed pattern into instructions.</summary>
internal sealed class PatternCompiler
{
    private const long GreatestLookBehind = uint.MaxValue;

    private readonly List<Instruction> _instructions = [];
    private int _slots;
    private bool _asksForGroups;

    private PatternCompiler(int groups)
    {
        _slots = 2 * groups;
    }

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The parsed pattern.</param>
    /// <param name="groups">How many groups it captures.</param>
    /// <exception cref="PatternException">It looks behind over a number of characters that is not fixed.</exception>
    public static PatternProgram Compile(PatternSequence pattern, int groups)
    {
        var compiler = new PatternCompiler(groups);
        compiler.Add(pattern);
        compiler.Add(new Instruction(PatternOperation.Match));
        return compiler.Finish(pattern, groups);
    }

    private int Next => _instructions.Count;

    private int Add(Instruction instruction)
    {
        _instructions.Add(instruction);
        return Next - 1;
    }

    private void Add(PatternSequence sequence)
    {
        foreach (var node in sequence.Nodes) Add(node);
    }

    private void Add(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.Place place:
                Add(new Instruction(PatternOperation.Place, Slot: (int)place.Kind));
                break;
            case PatternNode.Group { Number: { } number } group:
                Add(new Instruction(PatternOperation.Mark, Slot: Slot(number)));
                Add(group.Body);
                Add(new Instruction(PatternOperation.Mark, Slot: Slot(number) + 1));
                break;
            case PatternNode.Group group:
                Add(group.Body);
                break;
            case PatternNode.Atomic atomic:
                var barrier = Reserve(1);
                Add(new Instruction(PatternOperation.AtomicBegin, barrier));
                Add(atomic.Body);
                Add(new Instruction(PatternOperation.AtomicEnd, barrier));
                break;
            case PatternNode.Repeat repeat:
                Add(repeat);
                break;
            case PatternNode.Choice choice:
                Add(choice);
                break;
            case PatternNode.Look look:
                Add(look);
                break;
            case PatternNode.BackReference reference:
                _asksForGroups = true;
                Add(new Instruction(OperationOf(reference), Slot(reference.Number)));
                break;
            case PatternNode.Condition condition:
                Add(condition);
                break;
            case PatternNode.Never:
                Add(new Instruction(PatternOperation.Never));
                break;
            default:
                Add(new Instruction(PatternOperation.One, Set: SetOf(node)));
                break;
        }
    }

    private void Add(PatternNode.Repeat repeat)
    {
        var (least, most) = (Bounded(repeat.Least), Bounded(repeat.Most ?? int.MaxValue));
        if (SetOf(repeat.Body) is { } set)
        {
            var many = repeat.Kind switch { RepeatKind.Greedy => PatternOperation.ManyGreedy, RepeatKind.Lazy => PatternOperation.ManyLazy, _ => PatternOperation.ManyPossessive };
            Add(new Instruction(many, Least: least, Most: most, Set: set));
            return;
        }

        var slot = Reserve(repeat.Kind == RepeatKind.Possessive ? 3 : 2);
        Add(new Instruction(PatternOperation.LoopBegin, slot));
        if (repeat.Kind == RepeatKind.Possessive)
        {
            var next = Add(default(Instruction));
            Add(repeat.Body);
            Add(new Instruction(PatternOperation.PossessiveRound, slot, Target: next));
            _instructions[next] = new Instruction(PatternOperation.PossessiveNext, slot, least, most, Target: Next);
            return;
        }

        var enter = Add(default(Instruction));
        Add(repeat.Body);
        _instructions[enter] = new Instruction(PatternOperation.Jump, Target: Next);
        var round = new Instruction(repeat.Kind == RepeatKind.Greedy ? PatternOperation.LoopGreedy : PatternOperation.LoopLazy, slot, least, most, Target: enter + 1);
        Add(round);
        if (repeat.Kind == RepeatKind.Lazy) Add(round with { Operation = PatternOperation.LoopAgain });
    }

    private void Add(PatternNode.Choice choice)
    {
        var ends = new List<int>();
        foreach (var alternative in choice.Alternatives.SkipLast(1))
        {
            var attempt = Add(default(Instruction));
            Add(alternative);
            ends.Add(Add(default(Instruction)));
            _instructions[attempt] = new Instruction(PatternOperation.Try, Target: Next);
        }

        Add(choice.Alternatives[^1]);
        foreach (var end in ends) _instructions[end] = new Instruction(PatternOperation.Jump, Target: Next);
    }

    private void Add(PatternNode.Look look)
    {
        var width = look.Behind ? look.Body.Width : default;
        if (width.Least > GreatestLookBehind) throw new PatternException("looks too much behind");
        if (width.Least != width.Most) throw new PatternException("look-behind requires fixed-width pattern");
        var slot = Reserve(2);
        var begin = Add(default(Instruction));
        Add(look.Body);
        Add(new Instruction(look.Negated ? PatternOperation.NotEnd : PatternOperation.LookEnd, slot));
        _instructions[begin] = new Instruction(look.Negated ? PatternOperation.NotBegin : PatternOperation.LookBegin, slot, Least: Bounded(width.Least), Target: Next);
    }

    private void Add(PatternNode.Condition condition)
    {
        _asksForGroups = true;
        var test = Add(default(Instruction));
        Add(condition.Yes);
        var end = condition.No is null ? -1 : Add(default(Instruction));
        _instructions[test] = new Instruction(PatternOperation.IfGroup, Slot(condition.Number), Target: Next);
        if (condition.No is null) return;
        Add(condition.No);
        _instructions[end] = new Instruction(PatternOperation.Jump, Target: Next);
    }

    private static PatternOperation OperationOf(PatternNode.BackReference reference)
    {
        if (!reference.Flags.HasFlag(PatternFlags.IgnoreCase)) return PatternOperation.BackReference;
        return reference.Flags.HasFlag(PatternFlags.Ascii) ? PatternOperation.BackReferenceIgnoringAsciiCase : PatternOperation.BackReferenceIgnoringCase;
    }

    // No text is as long as the greatest int, so that it stands for every greater number.
    private static int Bounded(long count) => (int)Math.Min(count, int.MaxValue);

    private static int Slot(int group) => 2 * (group - 1);

    private int Reserve(int slots)
    {
        _slots += slots;
        return _slots - slots;
    }

    // Null for what does not always take exactly one character.
    private static CharacterSet? SetOf(PatternNode node) => node switch
    {
        PatternNode.One one => CharacterSet.Of(one),
        PatternNode.Any any => any.NewlineToo ? CharacterSet.Any : CharacterSet.AnyButNewline,
        PatternNode.Group { Number: null } group => SetOf(group.Body),
        _ => null,
    };

    private static CharacterSet? SetOf(PatternSequence sequence) => sequence.Nodes is [var only] ? SetOf(only) : null;

    private PatternProgram Finish(PatternSequence pattern, int groups)
    {
        var node = pattern.Nodes.Count > 0 ? pattern.Nodes[0] : null;
        while (node is PatternNode.Group { Body.Nodes: [var inner, ..] }) node = inner;
        var set = node is PatternNode.Repeat repeat ? SetOf(repeat.Body) : node is null ? null : SetOf(node);
        var rule = node switch
        {
            PatternNode.Place { Kind: PlaceKind.TextStart } => StartRule.TextStart,
            PatternNode.Place { Kind: PlaceKind.LineStart } => StartRule.LineStart,

            // What was matched at the beginning may decide what matches later.
            PatternNode.Repeat { Most: null } when set is not null && !_asksForGroups => StartRule.AfterRun,
            _ => StartRule.Anywhere,
        };
        return new PatternProgram([.. _instructions], groups, _slots, rule, node is PatternNode.Repeat { Least: 0 } ? null : set, set);
    }
}
