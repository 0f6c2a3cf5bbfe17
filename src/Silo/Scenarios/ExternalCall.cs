using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Scenarios;

/// <summary>An answer to a call that leaves the process: the outputs of a block's double, or the reply to an HTTP request.</summary>
internal sealed record ExternalCall
{
    /// <summary>The node, by its id in the agent's file; null for HTTP calls of any node.</summary>
    public string? NodeId { get; init; }

    /// <summary>What the block must get, as far as it is not default; for a double.</summary>
    public required JsonElement Input { get; init; }

    /// <summary>What the block emits, in order; null for an HTTP call.</summary>
    public ImmutableArray<BlockOutput>? Outputs { get; init; }

    /// <summary>The HTTP method that is answered.</summary>
    public string? Method { get; init; }

    /// <summary>The address that is answered; null for a double.</summary>
    public string? Url { get; init; }

    /// <summary>The HTTP status of the reply.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The media type of the reply, or null.</summary>
    public string? ContentType { get; init; }

    /// <summary>The body of the reply.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Reads a call.</summary>
    /// <exception cref="CliException">Something in it is not known or not of the right form; says where.</exception>
    public static ExternalCall Read(JsonElement element, string path)
    {
        // The members graph, block and note are for readers of the scenario.
        var reader = new CaseReader(element, path, "node_id", "input", "outputs", "http_request", "http_response", "graph", "block", "note");
        if (reader.Object("http_request") is { } request) return ReadHttp(reader, request, path);

        var nodeId = reader.Text("node_id") ?? throw new CliException($"The scenario: {path} must name its 'node_id', or have an 'http_request'.");
        return new ExternalCall
        {
            NodeId = nodeId,
            Input = reader.Object("input") ?? JsonValues.EmptyObject,
            Outputs = [.. reader.List("outputs").Select((output, index) => ReadOutput(output, $"{path}.outputs[{index}]"))],
        };
    }

    private static BlockOutput ReadOutput(JsonElement output, string path) =>
        output.ValueKind == JsonValueKind.Array && output.GetArrayLength() == 2 && output[0].ValueKind == JsonValueKind.String
            ? new BlockOutput(output[0].GetString()!, output[1])
            : throw new CliException($"The scenario: {path} must be a list of pin and value.");

    private static ExternalCall ReadHttp(CaseReader reader, JsonElement request, string path)
    {
        var wanted = new CaseReader(request, path + ".http_request", "method", "url");
        var response = reader.Object("http_response") ?? throw new CliException($"The scenario: {path} must have an 'http_response'.");
        var reply = new CaseReader(response, path + ".http_response", "status", "headers", "body");
        return new ExternalCall
        {
            NodeId = reader.Text("node_id"),
            Input = JsonValues.EmptyObject,
            Method = wanted.Text("method") ?? "GET",
            Url = wanted.Text("url") ?? throw wanted.Wrong("url", "the address of the request"),
            Status = reply.Number("status", 100, 599) ?? 200,
            ContentType = ContentTypeOf(reply),
            Body = reply.Value("body") switch
            {
                null => ReadOnlyMemory<byte>.Empty,
                { ValueKind: JsonValueKind.String } text => Encoding.UTF8.GetBytes(text.GetString()!),
                { } content => JsonValues.CompactUtf8(content),
            },
        };
    }

    private static string? ContentTypeOf(CaseReader reply)
    {
        foreach (var header in reply.Object("headers")?.EnumerateObject() ?? default)
        {
            if (!header.Name.Equals("content-type", StringComparison.OrdinalIgnoreCase)) continue;
            return header.Value.ValueKind == JsonValueKind.String ? header.Value.GetString() : throw reply.Wrong($"headers.{header.Name}", "text");
        }

        return null;
    }
}
