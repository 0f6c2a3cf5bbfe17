namespace Grainflow.Engine.Graphs;

/// <summary>A connection from an output pin to an input pin (contract: semantics 1.1 and 1.4).</summary>
/// <param name="Id">The link's id.</param>
/// <param name="SourceId">The node that emits.</param>
/// <param name="SourceName">Its output pin, perhaps with a selector into the value (<c>result_#_status</c>).</param>
/// <param name="SinkId">The node that receives.</param>
/// <param name="SinkName">Its input pin, perhaps with a dynamic part (<c>values_#_name</c>).</param>
/// <param name="IsStatic">True when the last value is used again for later executions of the sink.</param>
public sealed record GraphLink(string Id, string SourceId, string SourceName, string SinkId, string SinkName, bool IsStatic);
