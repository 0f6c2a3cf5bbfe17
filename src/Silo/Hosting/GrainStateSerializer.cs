using System.Text.Json;
using Orleans.Storage;

namespace Grainflow.Silo.Hosting;

/// <summary>Writes grain state as JSON text by System.Text.Json. Stored rows have this form, so another serializer could not read them.</summary>
internal sealed class GrainStateSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.General);

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    /// <inheritdoc/>
    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options) ?? throw new JsonException($"The stored state of a {typeof(T).Name} is null.");
}
