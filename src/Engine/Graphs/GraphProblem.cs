namespace Grainflow.Engine.Graphs;

/// <summary>One thing that is wrong with a graph or with the input of a run: what, and where.</summary>
/// <param name="Message">What is wrong and how to mend it.</param>
/// <param name="Path">Where in the document, for example <c>nodes[3].block_id</c>, or null.</param>
/// <param name="NodeId">The node it concerns, or null.</param>
/// <param name="Field">The pin of that node, or null.</param>
public sealed record GraphProblem(string Message, string? Path = null, string? NodeId = null, string? Field = null)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => Path is null ? Message : $"{Path}: {Message}";
}
