using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Errors;

/// <summary>Raised by a route (D).</summary>
/// <param name="Detail">What is wrong.</param>
[SchemaName("HTTPExceptionBody")]
internal sealed record DetailBody(string Detail);

/// <summary>Raised by the rules behind the routes (E).</summary>
/// <param name="Message">Names method and path.</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Hint">Whose turn it is to mend it.</param>
internal sealed record ErrorBody(string Message, string Detail, string Hint);

/// <summary>A request that does not have the shape of the API (V).</summary>
/// <param name="Message">Names method and path.</param>
/// <param name="Detail">All that is wrong.</param>
/// <param name="Hint">What to do.</param>
[SchemaName("RequestValidationErrorBody")]
internal sealed record ValidationBody(string Message, IReadOnlyList<ValidationProblem> Detail, string Hint);

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Type">A name for programs, for example <c>missing</c>.</param>
/// <param name="Loc">Where: <c>body</c>, <c>query</c> or <c>path</c>, then names and indexes.</param>
/// <param name="Msg">What, for people.</param>
/// <param name="Input">What was given.</param>
/// <param name="Ctx">The bound that was passed, or null.</param>
public sealed record ValidationProblem(
    string Type,
    IReadOnlyList<object> Loc,
    string Msg,
    JsonElement Input,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, object>? Ctx = null);

/// <summary>A graph that cannot run as asked (G).</summary>
/// <param name="Detail">What is wrong.</param>
[SchemaName("GraphValidationErrorBody")]
internal sealed record GraphValidationBody(GraphValidationDetail Detail);

/// <summary>What is wrong with a graph.</summary>
/// <param name="Type">Always <c>validation_error</c>.</param>
/// <param name="Message">A summary.</param>
/// <param name="NodeErrors">Node id to pin to message.</param>
internal sealed record GraphValidationDetail(string Type, string Message, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> NodeErrors);
