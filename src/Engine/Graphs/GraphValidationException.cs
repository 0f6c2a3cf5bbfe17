using System.Collections.Immutable;

namespace Grainflow.Engine.Graphs;

/// <summary>A graph, or the input of a run, is refused. Nothing was stored.</summary>
public sealed class GraphValidationException : Exception
{
    /// <summary>Creates the refusal.</summary>
    /// <param name="problems">One or more problems.</param>
    public GraphValidationException(IEnumerable<GraphProblem> problems)
        : this(problems.ToImmutableArray())
    {
    }

    private GraphValidationException(ImmutableArray<GraphProblem> problems)
        : base(Describe(problems)) => Problems = problems;

    /// <summary>The problems in the order in which they were found.</summary>
    public ImmutableArray<GraphProblem> Problems { get; }

    private static string Describe(ImmutableArray<GraphProblem> problems) => problems.Length switch
    {
        0 => "The graph is not valid.",
        1 => problems[0].ToString(),
        _ => $"{problems.Length} problems: " + string.Join("; ", problems),
    };
}
