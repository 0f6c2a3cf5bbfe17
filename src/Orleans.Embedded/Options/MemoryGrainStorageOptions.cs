using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Grain storage that lives and dies with the silo.</summary>
public class MemoryGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>Turns documents into bytes and back; when not set, plain System.Text.Json is used.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;
}
