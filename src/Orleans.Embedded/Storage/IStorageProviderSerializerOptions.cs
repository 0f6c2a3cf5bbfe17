namespace Orleans.Storage;

/// <summary>Options of a storage provider that serializes documents.</summary>
public interface IStorageProviderSerializerOptions
{
    /// <summary>Turns documents into stored bytes and back.</summary>
    IGrainStorageSerializer GrainStorageSerializer { get; set; }
}
