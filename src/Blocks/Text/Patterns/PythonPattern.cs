namespace Grainflow.Blocks.Text.Patterns;

/// <summary>A regular expression of Python's <c>re</c> (ADR 0019).</summary>
internal sealed class PythonPattern
{
    private readonly PatternProgram _program;

    private PythonPattern(PatternProgram program)
    {
        _program = program;
    }

    /// <summary>How many groups the pattern captures.</summary>
    public int Groups => _program.Groups;

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern, in Python's syntax.</param>
    /// <param name="flags">The flags that hold from its beginning.</param>
    /// <exception cref="PatternException">Python refuses the pattern; the message is Python's.</exception>
    public static PythonPattern Parse(string pattern, PatternFlags flags) => new(PatternCompiler.Compile(PatternParser.Parse(pattern, flags, out var groups), groups));

    /// <summary>The matches in a text, found one by one as they are asked for.</summary>
    /// <param name="text">The text.</param>
    /// <param name="limit">How long the search may take, from the first match asked for to the last.</param>
    /// <exception cref="PatternLimitException">The search takes too much time or memory.</exception>
    public IEnumerable<PatternMatch> FindAll(CodePointText text, TimeSpan limit) => new PatternSearch(_program, text, limit).FindAll();
}

/// <summary>A match. Places count code points.</summary>
internal sealed class PatternMatch(int start, int end, int[] groups)
{
    /// <summary>Where a group begins and ends; null when it took no part.</summary>
    /// <param name="number">The number of the group, 0 for the whole match.</param>
    public (int Start, int End)? Group(int number)
    {
        if (number == 0) return (start, end);
        var (first, last) = (groups[2 * number - 2], groups[2 * number - 1]);
        return first < 0 || last < first ? null : (first, last);
    }
}
