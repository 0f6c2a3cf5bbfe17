namespace Grainflow.Gateway.Errors;

/// <summary>A request that is answered with an error of the contract (<c>errors.tsv</c>).</summary>
public sealed class ApiException : Exception
{
    private ApiException(int status, object body, string message)
        : base(message)
    {
        Status = status;
        Body = body;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The body; null stands for an <see cref="ErrorBody"/> around the message.</summary>
    public object? Body { get; }

    /// <summary>
    /// True when the request was refused before it changed anything, so that an <c>Idempotency-Key</c> that came with it may be used again. The
    /// status does not say so: a handler may find a conflict after it has created something.
    /// </summary>
    public bool NothingWasDone { get; private set; }

    /// <summary>Says that the request was refused before it changed anything.</summary>
    /// <returns>This exception.</returns>
    public ApiException BeforeAnyChange()
    {
        NothingWasDone = true;
        return this;
    }

    /// <summary>An error that a route raises: <c>{"detail": text}</c> (D).</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">What is wrong.</param>
    public static ApiException Detail(int status, string detail) => new(status, new DetailBody(detail), detail);

    /// <summary>An error of the rules behind the routes: message, detail and hint (E).</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">What is wrong.</param>
    public static ApiException Error(int status, string detail) => new(status, null!, detail);

    /// <summary>A request that does not have the shape of the API (V): it is refused before it changes anything.</summary>
    /// <param name="problems">All that is wrong.</param>
    public static ApiException Invalid(IReadOnlyList<ValidationProblem> problems) => new ApiException(422, problems, "The request does not match the API schema.").BeforeAnyChange();

    /// <summary>A graph that cannot run as asked (G).</summary>
    /// <param name="message">A summary.</param>
    /// <param name="nodeErrors">Node id to pin to message.</param>
    public static ApiException Graph(string message, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> nodeErrors) =>
        new(400, new GraphValidationBody(new GraphValidationDetail("validation_error", message, nodeErrors)), message);
}
