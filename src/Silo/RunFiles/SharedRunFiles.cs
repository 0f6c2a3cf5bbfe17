using System.Buffers;
using System.Text;
using Grainflow.Blocks.Contract;
using Grainflow.Grains;
using Grainflow.Storage;
using Grainflow.Storage.RunFiles;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Grainflow.Silo.RunFiles;

/// <summary>The files of all runs: in the database, where every process of a cluster finds them, and larger ones outside of it (ADR 0024).</summary>
internal sealed class SharedRunFiles
{
    private readonly IRunFileStore _store;
    private readonly ILargeFiles? _large;
    private readonly IReadOnlyList<ILargeFiles> _places;
    private readonly EarlierRunFiles? _earlier;
    private readonly long _databaseBytes;
    private readonly IIdSource _ids;
    private readonly TimeProvider _clock;
    private readonly IVirusScanner? _scanner;
    private readonly ResiliencePipeline _repeat;

    /// <summary>Creates it.</summary>
    /// <param name="store">The rows.</param>
    /// <param name="places">Where contents outside of the database can be read; larger files are written to the first. None refuses larger files.</param>
    /// <param name="earlier">The files that versions before the shared store have left, or null.</param>
    /// <param name="databaseBytes">The most bytes of a file that is kept in the database.</param>
    /// <param name="ids">Ids of contents.</param>
    /// <param name="clock">The time.</param>
    /// <param name="scanner">Scans files before they are stored, or null.</param>
    public SharedRunFiles(IRunFileStore store, IReadOnlyList<ILargeFiles> places, EarlierRunFiles? earlier, long databaseBytes, IIdSource ids, TimeProvider clock, IVirusScanner? scanner = null)
    {
        (_store, _places, _earlier, _databaseBytes, _ids, _clock, _scanner) = (store, places, earlier, databaseBytes, ids, clock, scanner);
        _large = places.Count > 0 ? places[0] : null;
        // About two minutes: a database that is started anew is back by then. A save that is repeated has a new content id, so that it does not matter
        // whether the one before it took effect.
        _repeat = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<NpgsqlException>(exception => !StorageFaults.IsBadData(exception)),
                MaxRetryAttempts = 30,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(5),
            })
            .Build();
    }

    /// <summary>The files of one run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="userId">Its user.</param>
    public IRunFiles Of(Guid runId, string userId) => new FilesOfRun(this, runId, userId);

    private async Task SaveAsync(Guid runId, string userId, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        RunFileRules.Check(name, content.Length);
        var isLarge = content.Length > _databaseBytes;
        if (isLarge && _large is null)
        {
            throw new InvalidOperationException(
                $"The file '{name}' has more than {_databaseBytes / 1024 / 1024} MB (RUN_FILE_DATABASE_MEGABYTES). In a cluster such a file needs RUN_FILE_S3_BUCKET, because its processes do not share a disk.");
        }

        if (_scanner is not null) await _scanner.ScanAsync(name, content, cancellationToken);
        var saved = await _repeat.ExecuteAsync(
            async token =>
            {
                var file = new RunFileRow(runId, name, userId, _ids.NewId(), content.Length, isLarge ? _large!.Place : RunFilePlace.Database, _clock.GetUtcNow());
                if (!isLarge) return await _store.SaveAsync(file, content, RunFileRules.MaxRunBytes, token);
                await _store.AnnounceAsync(file.ContentId, file.Place, file.SavedAt + RunFileRules.LongestSave, token);
                await _large!.WriteAsync(file.ContentId, content, token);
                return await _store.SaveAsync(file, default, RunFileRules.MaxRunBytes, token);
            },
            cancellationToken);
        if (!saved) throw new InvalidOperationException($"The files of a run may have at most {RunFileRules.MaxRunBytes / 1024 / 1024} MB together.");
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(Guid runId, string userId, string name, CancellationToken cancellationToken)
    {
        RunFileRules.Check(name, bytes: 0);
        var missing = Guid.Empty;
        while (true)
        {
            var found = await _repeat.ExecuteAsync(async token => await _store.FindAsync(runId, name, userId, token), cancellationToken);
            if (found is null) return await EarlierAsync(runId, name, cancellationToken);
            if (found.Content is { } content) return content;
            var row = found.Row;
            var place = _places.FirstOrDefault(place => place.Place == row.Place) ?? throw new InvalidOperationException(row.Place == RunFilePlace.S3
                ? $"The file '{name}' is in S3, and RUN_FILE_S3_BUCKET is not set here."
                : $"The file '{name}' is on the disk of a server that was alone. Only a server without CLUSTER on the same data folder can read it.");
            if (await place.ReadAsync(row.ContentId, cancellationToken) is { } large) return large;
            // The file was saved anew between the two reads, and the content of before is removed: the row names another one now.
            if (row.ContentId == missing) throw new FileNotFoundException($"The content of the file '{name}' is missing at its place outside of the database.");
            missing = row.ContentId;
        }
    }

    private async Task<ReadOnlyMemory<byte>> EarlierAsync(Guid runId, string name, CancellationToken cancellationToken) =>
        _earlier is not null && await _earlier.FindAsync(runId, name, cancellationToken) is { } content ? content : throw new FileNotFoundException($"The run has no file '{name}'.");

    private sealed class FilesOfRun(SharedRunFiles all, Guid runId, string userId) : IRunFiles
    {
        public async Task<string> SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            await all.SaveAsync(runId, userId, name, content, cancellationToken);
            return name;
        }

        public Task<ReadOnlyMemory<byte>> ReadAsync(string name, CancellationToken cancellationToken) => all.ReadAsync(runId, userId, name, cancellationToken);
    }
}

/// <summary>What the files of a run may be (contract: semantics 2.16 "Temp files").</summary>
internal static class RunFileRules
{
    /// <summary>The most bytes of the files of one run together.</summary>
    public const long MaxRunBytes = 1024L * 1024 * 1024;

    private const long MaxFileBytes = 100L * 1024 * 1024;
    private const int MaxNameLength = 200;

    /// <summary>When an announced content counts as left behind. A block, and so a save in it, takes a day at most.</summary>
    public static readonly TimeSpan LongestSave = TimeSpan.FromDays(2);

    /// <summary>Checks a name and a length.</summary>
    /// <exception cref="InvalidOperationException">The name is not a plain one or has more than 200 characters, or the file has more than 100 MB.</exception>
    public static void Check(string name, long bytes)
    {
        var characters = 0;
        var isPlain = name is not ("" or "." or "..");
        for (var rest = name.AsSpan(); isPlain && rest.Length > 0; characters++)
        {
            // A lone surrogate has no UTF-8 form, so the database could not hold it.
            isPlain = Rune.DecodeFromUtf16(rest, out var character, out var length) == OperationStatus.Done && character.Value is not ('/' or '\\' or '\0');
            rest = rest[length..];
        }

        if (!isPlain || characters > MaxNameLength) throw new InvalidOperationException($"'{name}' is not a plain file name of at most {MaxNameLength} characters.");
        if (bytes > MaxFileBytes) throw new InvalidOperationException($"A file may have at most {MaxFileBytes / 1024 / 1024} MB.");
    }
}

/// <summary>The files that versions before the shared store have written: a folder for each run in the data folder. They are read and not written any more.</summary>
/// <param name="folder">The folder of the folders.</param>
internal sealed class EarlierRunFiles(string folder)
{
    /// <summary>The content of a file, or null.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="name">A name that <see cref="RunFileRules"/> allow, so that it leads out of no folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(Guid runId, string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, runId.ToString(), name);
        if (!File.Exists(path)) return null;
        return await File.ReadAllBytesAsync(path, cancellationToken);
    }
}
