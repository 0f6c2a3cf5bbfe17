using Grainflow.Grains.Interfaces;

namespace Grainflow.Gateway.Routing;

/// <summary>The answer of an operation.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">A record of the contract, a <see cref="JsonPayload"/>, of which an empty one is no body, or null for JSON null.</param>
internal sealed record ApiResponse(int Status, object? Body)
{
    /// <summary>204, without a body.</summary>
    public static readonly ApiResponse NoContent = new(204, null);

    /// <summary>200, without a body.</summary>
    public static readonly ApiResponse Empty = new(200, JsonPayload.Wrap([]));

    /// <summary>200.</summary>
    public static ApiResponse Ok(object? body) => new(200, body);

    /// <summary>200 with serialized JSON.</summary>
    public static ApiResponse Ok(JsonPayload json) => new(200, json);
}
