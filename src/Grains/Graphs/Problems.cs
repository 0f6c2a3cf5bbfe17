using System.Collections.Immutable;
using Grainflow.Engine.Graphs;
using Grainflow.Grains.Interfaces;

namespace Grainflow.Grains.Graphs;

/// <summary>Converts the Engine's problems to those of grain messages.</summary>
internal static class Problems
{
    public static ImmutableArray<Problem> From(IEnumerable<GraphProblem> problems) =>
        [.. problems.Select(problem => new Problem { Message = problem.ToString(), NodeId = problem.NodeId, Field = problem.Field })];

    public static ImmutableArray<Problem> Of(string message) => [new Problem { Message = message }];
}
