using Blazor.Diagrams.Core.Geometry;
using Blazor.Diagrams.Core.Models;

namespace Grainflow.WebConsole.Runs;

/// <summary>A node in the picture of a graph. Its size is fixed, so that the browser need not measure it.</summary>
public sealed class GraphNode : NodeModel
{
    /// <summary>Places a node.</summary>
    /// <param name="planned">The node.</param>
    public GraphNode(PlannedNode planned)
        : base(planned.Id, new Point(planned.X, planned.Y))
    {
        Planned = planned;
        Title = planned.Title;
        Size = new Size(GraphPlan.Width, GraphPlan.Height);
        ControlledSize = true;
        Locked = true;
    }

    /// <summary>The node.</summary>
    public PlannedNode Planned { get; }

    /// <summary>What it has done; null for a node that was not executed.</summary>
    public NodeState? State { get; set; }

    /// <summary>What its import has said; null for nothing.</summary>
    public string? Note { get; init; }
}
