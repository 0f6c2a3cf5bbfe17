using System.Collections.Immutable;

namespace Grainflow.Engine.Graphs;

/// <summary>A problem of a graph or of the input of a run.</summary>
/// <param name="Message">The text for the user: what is wrong and how to correct it.</param>
/// <param name="Path">The place in the document, for example <c>nodes[3].block_id</c>, or null.</param>
/// <param name="NodeId">The node it concerns, or null.</param>
/// <param name="Field">The pin of that node, or null.</param>
public sealed record GraphProblem(string Message, string? Path = null, string? NodeId = null, string? Field = null)
{
    /// <summary>Path and message in one line.</summary>
    public override string ToString() => Path is null ? Message : $"{Path}: {Message}";
}

/// <summary>A graph, or the input of a run, is refused. Nothing was stored.</summary>
public class GraphValidationException : Exception
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

/// <summary>The graph is not there, or is not the caller's.</summary>
/// <param name="problem">Which one.</param>
public sealed class GraphNotFoundException(GraphProblem problem) : GraphValidationException([problem]);
