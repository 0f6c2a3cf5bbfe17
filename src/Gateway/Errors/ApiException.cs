namespace Grainflow.Gateway.Errors;

/// <summary>Ends a request with an error of the contract (<c>errors.tsv</c>).</summary>
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

    /// <summary>The body; null for an <see cref="ErrorBody"/> with the message.</summary>
    public object? Body { get; }

    /// <summary>
    /// True when the request was refused before it changed anything, so that its <c>Idempotency-Key</c> may be used again. The status cannot tell it,
    /// because a handler may find a conflict after it has created something.
    /// </summary>
    public bool NothingWasDone { get; private set; }

    /// <summary>After which time the caller may repeat the request, for the header <c>Retry-After</c>; null for errors that a repetition does not mend.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Sets <see cref="NothingWasDone"/>.</summary>
    /// <returns>This exception.</returns>
    public ApiException BeforeAnyChange()
    {
        NothingWasDone = true;
        return this;
    }

    /// <summary>The contract's form D, for errors that a route finds: <c>{"detail": text}</c>.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">The text for the caller.</param>
    public static ApiException Detail(int status, string detail) => new(status, new DetailBody(detail), detail);

    /// <summary>The contract's form H, for what is not configured: <c>{"detail": {"message", "hint"}}</c>.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="message">The text for the caller.</param>
    /// <param name="hint">The cure.</param>
    public static ApiException Hint(int status, string message, string hint) => new(status, new HintBody(new HintDetail(message, hint)), message);

    /// <summary>An error in the form of another interface.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body.</param>
    /// <param name="message">The text for the caller, for the log.</param>
    public static ApiException Plain(int status, object body, string message) => new(status, body, message);

    /// <summary>503 in form D with <c>Retry-After</c>: this process cannot do it now, and another one, or this one a moment later, can.</summary>
    /// <param name="detail">The text for the caller.</param>
    public static ApiException Unavailable(string detail) => new(503, new DetailBody(detail), detail) { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>The contract's form E, for errors that grains and the Engine find: an object with message, detail and hint.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">The text for the caller.</param>
    public static ApiException Error(int status, string detail) => new(status, null!, detail);

    /// <summary>The contract's form V, for a request that does not match the schema of the API. <see cref="NothingWasDone"/> is true.</summary>
    /// <param name="problems">All problems of the request.</param>
    public static ApiException Invalid(IReadOnlyList<ValidationProblem> problems) => new ApiException(422, problems, "The request does not match the API schema.").BeforeAnyChange();

    /// <summary>The contract's form G, for a graph that cannot run with the given inputs.</summary>
    /// <param name="message">The summary.</param>
    /// <param name="nodeErrors">Messages by node id and pin.</param>
    public static ApiException Graph(string message, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> nodeErrors) =>
        new(400, new GraphValidationBody(new GraphValidationDetail("validation_error", message, nodeErrors)), message);
}
