using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Storage;

/// <summary>Grain storage that lives and dies with the silo. Documents are kept serialized, so that a grain shares no object with it.</summary>
internal sealed class MemoryGrainStorage(IGrainStorageSerializer? serializer) : IGrainStorage
{
    private readonly ConcurrentDictionary<(string Name, GrainId GrainId), Entry> _entries = new();
    private long _version;

    public static MemoryGrainStorage Create(IServiceProvider services, string name) =>
        new(services.GetRequiredService<IOptionsMonitor<MemoryGrainStorageOptions>>().Get(name).GrainStorageSerializer);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var exists = _entries.TryGetValue((stateName, grainId), out var entry);
        grainState.State = (exists ? Deserialize<T>(entry!.Document) : default) ?? Activator.CreateInstance<T>();
        grainState.ETag = entry?.Version;
        grainState.RecordExists = exists;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var entry = new Entry(Serialize(grainState.State), Interlocked.Increment(ref _version).ToString(CultureInfo.InvariantCulture));
        var key = (stateName, grainId);
        var stored = grainState.ETag is null
            ? _entries.TryAdd(key, entry)
            : _entries.TryGetValue(key, out var current) && current.Version == grainState.ETag && _entries.TryUpdate(key, entry, current);
        if (!stored) throw Conflict("WriteState", key, grainState.ETag);
        grainState.ETag = entry.Version;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        if (_entries.TryGetValue(key, out var current)
            && (current.Version != grainState.ETag || !_entries.TryRemove(KeyValuePair.Create(key, current))))
        {
            throw Conflict("ClearState", key, grainState.ETag);
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private InconsistentStateException Conflict(string operation, (string Name, GrainId GrainId) key, string? etag) => new(
        $"Version conflict ({operation}): GrainType={key.Name} GrainId={key.GrainId} ETag={etag}.",
        _entries.GetValueOrDefault(key)?.Version,
        etag);

    private byte[] Serialize<T>(T? state) => serializer?.Serialize(state).ToArray() ?? JsonSerializer.SerializeToUtf8Bytes(state);

    private T? Deserialize<T>(byte[] document) =>
        serializer is null ? JsonSerializer.Deserialize<T>(document) : serializer.Deserialize<T>(new BinaryData(document));

    private sealed record Entry(byte[] Document, string Version);
}
