using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Values;
using Grainflow.Storage.Execution;

namespace Grainflow.Grains.Execution;

/// <summary>Converts the Engine's records to rows of the database.</summary>
internal static class RunRows
{
    public static NodeRow Of(Guid runId, NodeExecution execution, string blockId) => new()
    {
        Id = execution.Id,
        RunId = runId,
        Ordinal = execution.Ordinal,
        NodeId = execution.NodeId,
        BlockId = blockId,
        Status = execution.Status.Name(),
        Attempt = execution.Attempt,
        Host = execution.Host,
        Input = execution.InputIsNew
            ? (ReadOnlyMemory<byte>?)JsonValues.CompactUtf8(JsonValues.Object(execution.Input))
            : null,
        Price = execution.Price,
        AddedAt = execution.AddedAt,
        QueuedAt = execution.QueuedAt,
        StartedAt = execution.StartedAt,
        EndedAt = execution.EndedAt,
        Error = execution.Error,
        Stats = execution.Stats is { } stats ? (ReadOnlyMemory<byte>?)JsonSerializer.SerializeToUtf8Bytes(stats, RunRowsContext.Default.NodeStats) : null,
    };
}

/// <summary>The generated serializer for the statistics of nodes in rows, with the API's names.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(NodeStats))]
internal sealed partial class RunRowsContext : JsonSerializerContext;
