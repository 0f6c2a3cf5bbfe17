using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Scheduler;

/// <summary>A method of the scheduler's RPC.</summary>
/// <param name="Path">The path, which begins with a slash.</param>
/// <param name="Invoke">Takes the arguments, a JSON object, and gives the answer; null for JSON null. It refuses with <see cref="RpcException"/>.</param>
internal sealed record RpcMethod(string Path, Func<JsonElement, CancellationToken, Task<JsonNode?>> Invoke)
{
    /// <summary>Whether GET is answered, too.</summary>
    public bool IsReadable { get; init; }
}

/// <summary>Methods of the scheduler's RPC. All that are registered are served; a path may be there once.</summary>
internal interface IRpcMethods
{
    /// <summary>The methods.</summary>
    IEnumerable<RpcMethod> Methods { get; }
}

/// <summary>An answer of the scheduler's RPC that is an error: <c>{"type": ..., "args": [message]}</c>.</summary>
/// <param name="status">The status: 404 or 403 where the contract has it, else 400 for what the caller did.</param>
/// <param name="type">The name of the error, for example <c>ValueError</c>.</param>
/// <param name="message">What is wrong.</param>
internal sealed class RpcException(int status, string type, string message) : Exception(message)
{
    /// <summary>The status of the answer.</summary>
    public int Status => status;

    /// <summary>The name of the error.</summary>
    public string Type => type;

    /// <summary>What the caller has sent is wrong.</summary>
    /// <param name="message">Names the argument and says what it must be.</param>
    public static RpcException Wrong(string message) => new(StatusCodes.Status400BadRequest, "ValueError", message);
}
