using System.Text.Json;
using Orleans.Storage;

namespace Grainflow.Grains.Tests.Support;

/// <summary>Grain state as JSON, as the product stores it.</summary>
internal sealed class StateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

    public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span) ?? throw new JsonException("The state is null.");
}
