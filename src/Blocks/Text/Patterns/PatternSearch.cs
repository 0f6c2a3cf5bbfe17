using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Grainflow.Blocks.Text.Patterns;

/// <summary>
/// Runs the instructions of a pattern over a text. It tries choices in Python's order and undoes what a failed attempt has written, on
/// one stack of its own, so that no pattern can exhaust the stack of the thread.
/// </summary>
/// <param name="program">The pattern.</param>
/// <param name="text">The text.</param>
/// <param name="limit">How long the search may take.</param>
internal sealed class PatternSearch(PatternProgram program, CodePointText text, TimeSpan limit)
{
    // At 12 bytes each; enough for a group that repeats over a million characters.
    private const int MaxEntries = 8_000_000;

    // Units of work, of about ten nanoseconds, between two looks at the clock.
    private const int WorkBetweenChecks = 100_000;

    private const int None = -1;
    private const int KindBits = 3;

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly int[] _slots = new int[program.Slots];
    private Entry[] _entries = new Entry[64];
    private int _depth;
    private int _work = WorkBetweenChecks;
    private int _start;
    private int _end;

    /// <summary>Finds the matches one after the other, as <c>finditer</c> does.</summary>
    /// <exception cref="PatternLimitException">The time or the memory does not suffice.</exception>
    public IEnumerable<PatternMatch> FindAll()
    {
        var (from, mustAdvance) = (0, false);
        while (Find(from, mustAdvance))
        {
            yield return new PatternMatch(_start, _end, _slots[..(2 * program.Groups)]);

            // Where nothing was matched something may be: the same place has another turn.
            (from, mustAdvance) = (_end, _end == _start);
        }
    }

    private bool Find(int from, bool mustAdvance)
    {
        Array.Fill(_slots, None);
        for (var start = Begin(from, isFirst: true); start != None; start = Begin(start + 1, isFirst: false))
        {
            if (!Match(start, mustAdvance && start == from)) continue;
            _start = start;
            return true;
        }

        return false;
    }

    // The first place from the given one where a match can begin. All before it were tried or cannot be.
    private int Begin(int from, bool isFirst)
    {
        if (program.Start == StartRule.AfterRun && !isFirst) from += Spend(program.Run!.CountFirst(text.From(from - 1)));
        if (from > text.Length || (program.Start == StartRule.TextStart && from > 0)) return None;
        if (program.Start == StartRule.LineStart && from > 0) return Distance(text.From(from - 1).IndexOf('\n')) is var newline and not None ? from + newline : None;
        return program.First is not { } set ? from : Distance(set.IndexIn(text.From(from))) is var first and not None ? from + first : None;
    }

    private int Distance(int index)
    {
        Spend(index == None ? text.Length : index);
        return index;
    }

    private bool Match(int start, bool mustAdvance)
    {
        var (next, at) = (0, start);
        _depth = 0;
        while (true)
        {
            Spend(1);
            ref readonly var step = ref program.Instructions[next++];
            switch (step.Operation)
            {
                case PatternOperation.One:
                    if (at < text.Length && step.Set!.Contains(text[at]))
                    {
                        at++;
                        continue;
                    }

                    break;
                case PatternOperation.ManyGreedy:
                case PatternOperation.ManyPossessive:
                    var count = Count(step, at, step.Most);
                    if (count < step.Least) break;
                    if (step.Operation == PatternOperation.ManyGreedy && count > step.Least) Push(EntryKind.Fewer, next, at + count, at + step.Least);
                    at += count;
                    continue;
                case PatternOperation.ManyLazy:
                    if (Count(step, at, step.Least) < step.Least) break;
                    at += step.Least;
                    if (step.Most > step.Least) Push(EntryKind.More, next, at, step.Most - step.Least);
                    continue;
                case PatternOperation.Place:
                    if (IsAt((PlaceKind)step.Slot, at)) continue;
                    break;
                case PatternOperation.Mark:
                    Write(step.Slot, at);
                    continue;
                case PatternOperation.Jump:
                    next = step.Target;
                    continue;
                case PatternOperation.Try:
                    Push(EntryKind.Choice, step.Target, at);
                    continue;
                case PatternOperation.LoopBegin:
                    WriteLoop(step.Slot, None, None);
                    continue;
                case PatternOperation.LoopGreedy:
                    if (_slots[step.Slot] + 1 >= step.Least)
                    {
                        if (!MayLoop(step, at)) continue;
                        Push(EntryKind.Choice, next, at);
                    }

                    next = Loop(step, at);
                    continue;
                case PatternOperation.LoopLazy:
                    if (_slots[step.Slot] + 1 < step.Least)
                    {
                        next = Loop(step, at);
                        continue;
                    }

                    Push(EntryKind.Choice, next, at);
                    next++;
                    continue;
                case PatternOperation.LoopAgain:
                    if (!MayLoop(step, at)) break;
                    next = Loop(step, at);
                    continue;
                case PatternOperation.PossessiveNext:
                    _slots[step.Slot + 2] = _depth;
                    if (_slots[step.Slot] + 1 >= step.Least)
                    {
                        if (!MayLoop(step, at))
                        {
                            next = step.Target;
                            continue;
                        }

                        Push(EntryKind.Choice, step.Target, at);
                    }

                    Loop(step, at);
                    continue;
                case PatternOperation.PossessiveRound:
                    DropChoices(_slots[step.Slot + 2]);
                    next = step.Target;
                    continue;
                case PatternOperation.AtomicBegin:
                    _slots[step.Slot] = _depth;
                    continue;
                case PatternOperation.AtomicEnd:
                    DropChoices(_slots[step.Slot]);
                    continue;
                case PatternOperation.LookBegin:
                    if (at < step.Least) break;
                    (_slots[step.Slot], _slots[step.Slot + 1]) = (_depth, at);
                    at -= step.Least;
                    continue;
                case PatternOperation.LookEnd:
                    DropChoices(_slots[step.Slot]);
                    at = _slots[step.Slot + 1];
                    continue;
                case PatternOperation.NotBegin:
                    if (at < step.Least)
                    {
                        next = step.Target;
                        continue;
                    }

                    _slots[step.Slot] = _depth;
                    Push(EntryKind.Choice, step.Target, at);
                    at -= step.Least;
                    continue;
                case PatternOperation.NotEnd:
                    Undo(_slots[step.Slot]);
                    break;
                case PatternOperation.BackReference:
                case PatternOperation.BackReferenceIgnoringCase:
                case PatternOperation.BackReferenceIgnoringAsciiCase:
                    if (!IsSame(step, at, out var length)) break;
                    at += length;
                    continue;
                case PatternOperation.IfGroup:
                    if (!HasMatched(step.Slot)) next = step.Target;
                    continue;
                case PatternOperation.Match:
                    if (mustAdvance && at == start) break;
                    _end = at;
                    return true;
            }

            if (!GoBack(ref next, ref at)) return false;
        }
    }

    private int Count(in Instruction step, int at, int most)
    {
        var rest = text.From(at);
        var count = step.Set!.CountFirst(most < rest.Length ? rest[..most] : rest);
        Spend(count);
        return count;
    }

    // A round that matched nothing is not followed by another one.
    private bool MayLoop(in Instruction step, int at) => _slots[step.Slot] + 1 < step.Most && _slots[step.Slot + 1] != at;

    private int Loop(in Instruction step, int at)
    {
        var count = _slots[step.Slot] + 1;

        // The rounds that must be are not looked at for progress.
        WriteLoop(step.Slot, count, count < step.Least ? _slots[step.Slot + 1] : at);
        return step.Target;
    }

    private bool HasMatched(int slot) => _slots[slot] != None && _slots[slot + 1] >= _slots[slot];

    private bool IsSame(in Instruction step, int at, out int length)
    {
        var start = _slots[step.Slot];
        length = _slots[step.Slot + 1] - start;
        if (!HasMatched(step.Slot) || length > text.Length - at) return false;
        Spend(length);
        var one = text.From(start)[..length];
        var other = text.From(at)[..length];
        if (step.Operation == PatternOperation.BackReference) return one.SequenceEqual(other);
        for (var i = 0; i < length; i++)
            if (one[i] != other[i] && Lower(step.Operation, one[i]) != Lower(step.Operation, other[i])) return false;
        return true;
    }

    private static int Lower(PatternOperation operation, int c) => operation == PatternOperation.BackReferenceIgnoringCase ? PatternCharacters.Lower(c) : PatternCharacters.LowerAscii(c);

    private bool IsAt(PlaceKind kind, int at) => kind switch
    {
        PlaceKind.TextStart => at == 0,
        PlaceKind.LineStart => at == 0 || text[at - 1] == '\n',
        PlaceKind.TextEnd => at == text.Length,
        PlaceKind.TextEndOrLastNewline => at == text.Length || (at == text.Length - 1 && text[at] == '\n'),
        PlaceKind.LineEnd => at == text.Length || text[at] == '\n',

        // In an empty text there is neither a boundary nor a place that is none.
        PlaceKind.WordBoundary => text.Length > 0 && IsBoundary(at, ascii: false),
        PlaceKind.NoWordBoundary => text.Length > 0 && !IsBoundary(at, ascii: false),
        PlaceKind.AsciiWordBoundary => text.Length > 0 && IsBoundary(at, ascii: true),
        _ => text.Length > 0 && !IsBoundary(at, ascii: true),
    };

    private bool IsBoundary(int at, bool ascii) =>
        (at > 0 && PatternCharacters.IsWord(text[at - 1], ascii)) != (at < text.Length && PatternCharacters.IsWord(text[at], ascii));

    private void Write(int slot, int value)
    {
        Push(EntryKind.Slot, slot, _slots[slot]);
        _slots[slot] = value;
    }

    private void WriteLoop(int slot, int count, int last)
    {
        Push(EntryKind.TwoSlots, slot, _slots[slot], _slots[slot + 1]);
        (_slots[slot], _slots[slot + 1]) = (count, last);
    }

    private void Push(EntryKind kind, int subject, int one, int two = 0)
    {
        if (_depth == _entries.Length)
        {
            if (_depth == MaxEntries) throw new PatternLimitException($"The pattern has more than {MaxEntries} choices open at a time");
            Array.Resize(ref _entries, Math.Min(2 * _depth, MaxEntries));
        }

        _entries[_depth++] = new Entry((subject << KindBits) | (int)kind, one, two);
    }

    // What was written since the depth stays to be undone; what was open is so no longer.
    private void DropChoices(int depth)
    {
        var kept = depth;
        for (var i = depth; i < _depth; i++)
            if (_entries[i].Kind is EntryKind.Slot or EntryKind.TwoSlots) _entries[kept++] = _entries[i];
        Spend(_depth - depth);
        _depth = kept;
    }

    private void Undo(int depth)
    {
        while (_depth > depth) Restore(_entries[--_depth]);
    }

    private void Restore(in Entry entry)
    {
        if (entry.Kind is EntryKind.Slot or EntryKind.TwoSlots) _slots[entry.Subject] = entry.One;
        if (entry.Kind == EntryKind.TwoSlots) _slots[entry.Subject + 1] = entry.Two;
    }

    // Takes the other side of the last choice that has one.
    private bool GoBack(ref int next, ref int at)
    {
        while (_depth > 0)
        {
            var entry = _entries[--_depth];
            next = entry.Subject;
            switch (entry.Kind)
            {
                case EntryKind.Choice:
                    at = entry.One;
                    return true;
                case EntryKind.Fewer:
                    at = entry.One - 1;
                    if (at > entry.Two) Push(EntryKind.Fewer, next, at, entry.Two);
                    return true;
                case EntryKind.More:
                    at = entry.One + 1;
                    if (at > text.Length || !program.Instructions[next - 1].Set!.Contains(text[entry.One])) break;
                    if (entry.Two > 1) Push(EntryKind.More, next, at, entry.Two - 1);
                    return true;
                default:
                    Restore(entry);
                    break;
            }
        }

        return false;
    }

    private int Spend(int work)
    {
        if ((_work -= work) > 0) return work;
        _work = WorkBetweenChecks;
        if (Stopwatch.GetElapsedTime(_started) > limit) throw new PatternLimitException($"The search took longer than {limit.TotalSeconds} seconds");
        return work;
    }

    private enum EntryKind
    {
        /// <summary>Another way: go on at the instruction <see cref="Entry.Subject"/> from the place <see cref="Entry.One"/>.</summary>
        Choice,

        /// <summary>A greedy repetition that ended at <see cref="Entry.One"/> and may end anywhere down to <see cref="Entry.Two"/>.</summary>
        Fewer,

        /// <summary>A lazy repetition that ended at <see cref="Entry.One"/> and may take <see cref="Entry.Two"/> more.</summary>
        More,

        /// <summary>The slot <see cref="Entry.Subject"/> held <see cref="Entry.One"/>.</summary>
        Slot,

        /// <summary>The same, and the slot after it held <see cref="Entry.Two"/>.</summary>
        TwoSlots,
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(int Code, int One, int Two)
    {
        public EntryKind Kind => (EntryKind)(Code & ((1 << KindBits) - 1));

        public int Subject => Code >> KindBits;
    }
}
