using System.Text.Json;
using Orleans.Storage;

namespace Orleans.Embedded.Tests.Support;

internal sealed class JsonSerializerForTests : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span);
}
