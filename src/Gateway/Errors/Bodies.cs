using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.Errors;

/// <summary>The body of an error that a route finds (the contract's form D).</summary>
/// <param name="Detail">The text for the caller.</param>
[SchemaName("HTTPExceptionBody")]
internal sealed record DetailBody(string Detail);

/// <summary>The body of the refusal of what is not configured (the contract's form H).</summary>
/// <param name="Detail">Text and cure.</param>
[SchemaName("HTTPExceptionHintBody")]
internal sealed record HintBody(HintDetail Detail);

/// <summary>The text for the caller and the cure.</summary>
/// <param name="Message">The text for the caller.</param>
/// <param name="Hint">The cure.</param>
internal sealed record HintDetail(string Message, string Hint);

/// <summary>The body of an error that grains and the Engine find (the contract's form E).</summary>
/// <param name="Message">A sentence with method and path.</param>
/// <param name="Detail">The text for the caller.</param>
/// <param name="Hint">Whether the caller or the operator can correct it.</param>
internal sealed record ErrorBody(string Message, string Detail, string Hint);

/// <summary>The body of a refused request that does not match the schema of the API (the contract's form V).</summary>
/// <param name="Message">A sentence with method and path.</param>
/// <param name="Detail">All problems of the request.</param>
/// <param name="Hint">How to correct it.</param>
[SchemaName("RequestValidationErrorBody")]
internal sealed record ValidationBody(string Message, IReadOnlyList<ValidationProblem> Detail, string Hint);

/// <summary>The same of the external API (the contract's form VE).</summary>
/// <param name="Detail">All problems of the request.</param>
[SchemaName("HTTPValidationError")]
internal sealed record ExternalValidationBody(IReadOnlyList<ValidationProblem> Detail);

/// <summary>One problem of a request, in FastAPI's form.</summary>
/// <param name="Type">The machine-readable kind, for example <c>missing</c>.</param>
/// <param name="Loc">The location: <c>body</c>, <c>query</c> or <c>path</c>, then names and indexes.</param>
/// <param name="Msg">The text for the caller.</param>
/// <param name="Input">The value that was sent.</param>
/// <param name="Ctx">Further values of the problem by name, such as the bound that was exceeded, or null.</param>
public sealed record ValidationProblem(
    string Type,
    IReadOnlyList<object> Loc,
    string Msg,
    JsonElement Input,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, object>? Ctx = null);

/// <summary>The body of the refusal to run a graph with the given inputs (the contract's form G).</summary>
/// <param name="Detail">The problems of the graph.</param>
[SchemaName("GraphValidationErrorBody")]
internal sealed record GraphValidationBody(GraphValidationDetail Detail);

/// <summary>The problems of a graph.</summary>
/// <param name="Type">Always <c>validation_error</c>.</param>
/// <param name="Message">The summary.</param>
/// <param name="NodeErrors">Messages by node id and pin.</param>
internal sealed record GraphValidationDetail(string Type, string Message, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> NodeErrors);
