namespace Grainflow.Engine.Graphs;

/// <summary>A connection from an output pin to an input pin (contract: semantics 1.1 and 1.4).</summary>
/// <param name="Id">The link's id.</param>
/// <param name="SourceId">The node that emits.</param>
/// <param name="SourceName">Its output pin, which may be dynamic and then selects a part of the value (<c>result_#_status</c>).</param>
/// <param name="SinkId">The node that receives.</param>
/// <param name="SinkName">Its input pin, which may be dynamic (<c>values_#_name</c>).</param>
/// <param name="IsStatic">True when later executions of the sink use the last value again.</param>
public sealed record GraphLink(string Id, string SourceId, string SourceName, string SinkId, string SinkName, bool IsStatic);
