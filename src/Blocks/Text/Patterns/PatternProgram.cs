namespace Grainflow.Blocks.Text.Patterns;

/// <summary>
/// What an instruction does. A slot is a place of the memory of a search: the start and the end of every group, then what loops and
/// conditions keep. To fail is to go back to the last choice that has an untried side.
/// </summary>
internal enum PatternOperation
{
    /// <summary>Takes one character of <see cref="Instruction.Set"/>.</summary>
    One,

    /// <summary>Takes from <see cref="Instruction.Least"/> to <see cref="Instruction.Most"/> characters of a set, most first.</summary>
    ManyGreedy,

    /// <summary>The same, least first.</summary>
    ManyLazy,

    /// <summary>The same, as many as there are and no fewer.</summary>
    ManyPossessive,

    /// <summary>Fails unless the place is of the <see cref="PlaceKind"/> in <see cref="Instruction.Slot"/>.</summary>
    Place,

    /// <summary>Keeps the place in <see cref="Instruction.Slot"/>.</summary>
    Mark,

    /// <summary>Goes on at <see cref="Instruction.Target"/>.</summary>
    Jump,

    /// <summary>Goes on; on failure at <see cref="Instruction.Target"/>.</summary>
    Try,

    /// <summary>Begins a loop whose count and last place are in <see cref="Instruction.Slot"/> and the one after it.</summary>
    LoopBegin,

    /// <summary>After each round: another round at <see cref="Instruction.Target"/>; on failure, or after the last round, goes on.</summary>
    LoopGreedy,

    /// <summary>After each round: goes on after the next instruction, which is <see cref="LoopAgain"/> and has its turn on failure.</summary>
    LoopLazy,

    /// <summary>Another round at <see cref="Instruction.Target"/>.</summary>
    LoopAgain,

    /// <summary>Before each round of a possessive loop; its end is <see cref="Instruction.Target"/>.</summary>
    PossessiveNext,

    /// <summary>After each round of a possessive loop: drops the round's choices and goes back to <see cref="Instruction.Target"/>.</summary>
    PossessiveRound,

    /// <summary>Begins a part whose choices will be dropped.</summary>
    AtomicBegin,

    /// <summary>Drops the choices of the part.</summary>
    AtomicEnd,

    /// <summary>Begins a condition, <see cref="Instruction.Least"/> characters back.</summary>
    LookBegin,

    /// <summary>The condition holds: goes on where it began, without its choices.</summary>
    LookEnd,

    /// <summary>As <see cref="LookBegin"/> for what must not be; <see cref="Instruction.Target"/> when it is not.</summary>
    NotBegin,

    /// <summary>What must not be is: fails.</summary>
    NotEnd,

    /// <summary>Takes the text between <see cref="Instruction.Slot"/> and the one after it.</summary>
    BackReference,

    /// <summary>The same, ignoring the case of all letters.</summary>
    BackReferenceIgnoringCase,

    /// <summary>The same, ignoring the case of ASCII letters.</summary>
    BackReferenceIgnoringAsciiCase,

    /// <summary>Goes on when the group at <see cref="Instruction.Slot"/> has matched, else at <see cref="Instruction.Target"/>.</summary>
    IfGroup,

    /// <summary>Fails.</summary>
    Never,

    /// <summary>The whole pattern has matched.</summary>
    Match,
}

/// <summary>Where a match can begin.</summary>
internal enum StartRule
{
    Anywhere,

    /// <summary>At the beginning of the text.</summary>
    TextStart,

    /// <summary>At the beginning of a line.</summary>
    LineStart,

    /// <summary>
    /// The pattern begins with any number of characters of one set, as <c>.*</c> does. An attempt that fails fails as well at all later
    /// places up to the first character that is not of the set, so that <c>.*x</c> does not take quadratic time.
    /// </summary>
    AfterRun,
}

/// <summary>A step of a search. Which members count depends on the operation.</summary>
internal readonly record struct Instruction(PatternOperation Operation, int Slot = 0, int Least = 0, int Most = 0, int Target = 0, CharacterSet? Set = null);

/// <summary>A pattern as instructions.</summary>
/// <param name="Instructions">The instructions; the first one is where a search begins.</param>
/// <param name="Groups">How many groups capture.</param>
/// <param name="Slots">How many slots a search needs.</param>
/// <param name="Start">Where a match can begin.</param>
/// <param name="First">The set that the first character of a match is of; null when that is not known.</param>
/// <param name="Run">The set that <see cref="StartRule.AfterRun"/> speaks of.</param>
internal sealed record PatternProgram(Instruction[] Instructions, int Groups, int Slots, StartRule Start, CharacterSet? First, CharacterSet? Run);
