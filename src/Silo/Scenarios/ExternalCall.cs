using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Scenarios;

/// <summary>A call to the outside that a case answers: a block's outputs, or an HTTP reply.</summary>
internal sealed record ExternalCall
{
    /// <summary>The node, by its id in the agent's file; null for HTTP calls of any node.</summary>
    public string? NodeId { get; init; }

    /// <summary>What the block must get, as far as it is not default; for a double.</summary>
    public required JsonElement Input { get; init; }

    /// <summary>What the block emits, in order; null for an HTTP call.</summary>
    public ImmutableArray<BlockOutput>? Outputs { get; init; }

    public string? Method { get; init; }

    public string? Url { get; init; }

    public int Status { get; init; } = 200;

    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public static ExternalCall Read(JsonElement element, string path)
    {
        var reader = new CaseReader(element, path);
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
        var wanted = new CaseReader(request, path + ".http_request");
        var response = reader.Object("http_response") ?? throw new CliException($"The scenario: {path} must have an 'http_response'.");
        var reply = new CaseReader(response, path + ".http_response");
        var body = response.Member("body");
        return new ExternalCall
        {
            NodeId = reader.Text("node_id"),
            Input = JsonValues.EmptyObject,
            Method = wanted.Text("method") ?? "GET",
            Url = wanted.Text("url") ?? throw new CliException($"The scenario: {path}.http_request must have a 'url'."),
            Status = (int)(reply.Number("status") ?? 200),
            ContentType = reply.Object("headers")?.EnumerateObject().Where(header => header.Name.Equals("content-type", StringComparison.OrdinalIgnoreCase)).Select(header => header.Value.GetString()).FirstOrDefault(),
            Body = body is not { } content || content.IsNull()
                ? ReadOnlyMemory<byte>.Empty
                : content.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(content.GetString()!) : JsonValues.CompactUtf8(content),
        };
    }
}
