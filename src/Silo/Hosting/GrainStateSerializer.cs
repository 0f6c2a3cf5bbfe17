using System.Text.Json;
using Orleans.Storage;

namespace Grainflow.Silo.Hosting;

/// <summary>Serializes grain state as JSON by System.Text.Json. Another serializer could not read the rows that are stored in this form.</summary>
internal sealed class GrainStateSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.General);

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    /// <inheritdoc/>
    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options) ?? throw new JsonException($"The stored state of a {typeof(T).Name} is null.");
}
