namespace Grainflow.Gateway.Routing;

/// <summary>One operation of the contract: what it takes and gives. Routing and the OpenAPI document are made of it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, with parameters in braces.</param>
/// <param name="Id">The contract's operation id.</param>
/// <param name="Summary">What it does, for people.</param>
/// <param name="Tags">The contract's tags.</param>
internal sealed record Operation(string Method, string Path, string Id, string Summary, params string[] Tags)
{
    /// <summary>Parameters of path and query.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>The record that describes the body, or null when there is none.</summary>
    public Type? Body { get; init; }

    /// <summary>False when the body may be left out.</summary>
    public bool BodyRequired { get; init; } = true;

    /// <summary>The status of success.</summary>
    public int Status { get; init; } = 200;

    /// <summary>What it answers: one of these; empty for no body.</summary>
    public IReadOnlyList<Type> Answers { get; init; } = [];

    /// <summary>True when the answer may be null.</summary>
    public bool NullableAnswer { get; init; }

    /// <summary>True when anybody may ask.</summary>
    public bool IsPublic { get; init; }

    /// <summary>What it is counted as among the operations on graphs, or null (contract: semantics 9.4).</summary>
    public string? Counted { get; init; }

    /// <summary>True when it creates or charges, and so takes an <c>Idempotency-Key</c> (decision 27).</summary>
    public bool Creates { get; init; }

    /// <summary>True for what newer versions of the contract have dropped.</summary>
    public bool Deprecated { get; init; }
}
