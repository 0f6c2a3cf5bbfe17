using System.Collections.Immutable;

namespace Grainflow.Engine.Graphs;

/// <summary>A graph, or the input of a run of it, is refused. Nothing was stored.</summary>
public sealed class GraphValidationException : Exception
{
    /// <summary>Makes the refusal.</summary>
    /// <param name="problems">One or more problems; the first is the headline.</param>
    public GraphValidationException(IEnumerable<GraphProblem> problems)
        : this(problems.ToImmutableArray())
    {
    }

    private GraphValidationException(ImmutableArray<GraphProblem> problems)
        : base(Describe(problems)) => Problems = problems;

    /// <summary>All that is wrong, in the order in which it was found.</summary>
    public ImmutableArray<GraphProblem> Problems { get; }

    private static string Describe(ImmutableArray<GraphProblem> problems) => problems.Length switch
    {
        0 => "The graph is not valid.",
        1 => problems[0].ToString(),
        _ => $"{problems.Length} problems: " + string.Join("; ", problems),
    };
}
