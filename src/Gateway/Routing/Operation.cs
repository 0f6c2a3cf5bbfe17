using Grainflow.Gateway.Requests;

namespace Grainflow.Gateway.Routing;

/// <summary>One operation of the contract with its parameters, body and answers. Routing and the OpenAPI document are built from it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, with parameters in braces.</param>
/// <param name="Id">The contract's operation id.</param>
/// <param name="Summary">The description in the documentation.</param>
/// <param name="Tags">The contract's tags.</param>
internal sealed record Operation(string Method, string Path, string Id, string Summary, params string[] Tags)
{
    /// <summary>Parameters of path and query.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>The record that describes the body, or null when there is none.</summary>
    public Type? Body { get; init; }

    /// <summary>The record that describes a body that has this member, where the operation takes two kinds of bodies; null where it takes one.</summary>
    public (string Member, Type Body)? OtherBody { get; init; }

    /// <summary>The record that describes a multipart form with a file, or null when there is none.</summary>
    public Type? Form { get; init; }

    /// <summary>False when the body may be left out.</summary>
    public bool BodyRequired { get; init; } = true;

    /// <summary>The status of success.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The types of the body of an answer, one of which it has; empty for no body.</summary>
    public IReadOnlyList<Type> Answers { get; init; } = [];

    /// <summary>True when the answer may be null.</summary>
    public bool NullableAnswer { get; init; }

    /// <summary>The type of the body of an answer to a request that asks for the shape of newer versions (<see cref="ApiRequest.IsNewerShape"/>); null where it is no other.</summary>
    public Type? NewerAnswer { get; init; }

    /// <summary>True when the operation needs no authentication.</summary>
    public bool IsPublic { get; init; }

    /// <summary>True when it takes deliveries of webhooks, which have a limit of their own and come to the public address of the platform.</summary>
    public bool IsIngress { get; init; }

    /// <summary>The name under which the metric of graph operations counts it, or null (contract: semantics 9.4).</summary>
    public string? Counted { get; init; }

    /// <summary>True when it creates or charges, and so accepts an <c>Idempotency-Key</c> (decision 27).</summary>
    public bool Creates { get; init; }

    /// <summary>True when its answer has a secret, which is not kept for repetitions: a repeated request is handled again, with the same resource id.</summary>
    public bool AnswersSecret { get; init; }

    /// <summary>The permission that an API key needs for it; null for operations of users with a token.</summary>
    public string? Permission { get; init; }

    /// <summary>True when newer versions of the contract do not have it any more.</summary>
    public bool Deprecated { get; init; }
}

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">The name in the URL.</param>
/// <param name="In"><c>path</c> or <c>query</c>.</param>
/// <param name="Required">False when it may be left out.</param>
/// <param name="Schema">The JSON schema, as text.</param>
internal sealed record Parameter(string Name, string In, bool Required, string Schema)
{
    public static Parameter PathText(string name) => new(name, "path", true, """{"type": "string"}""");

    public static Parameter PathNumber(string name) => new(name, "path", true, """{"anyOf": [{"type": "integer"}, {"type": "null"}]}""");

    public static Parameter QueryText(string name, bool required) =>
        new(name, "query", required, required ? """{"type": "string"}""" : """{"anyOf": [{"type": "string"}, {"type": "null"}]}""");
}
