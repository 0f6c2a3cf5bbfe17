using System.Buffers;
using System.Text;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Files;
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

    /// <summary>Stores a file that a user uploads, where runs of that user read it until it expires (contract: semantics 9.5).</summary>
    /// <param name="upload">Whose it is, its id and its name. A second save of the same upload takes the place of the first.</param>
    /// <param name="content">The content.</param>
    /// <param name="kept">How long it is kept.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The name is not a plain one, the scanner refuses the file, it has no place here, or the uploads of the user would be too large together.</exception>
    public async Task SaveUploadAsync(UploadReference upload, ReadOnlyMemory<byte> content, TimeSpan kept, CancellationToken cancellationToken)
    {
        RunFileRules.Check(upload.Name, bytes: 0);
        if (await TrySaveAsync(upload.Id, upload.UserId, upload.Name, content, kept, RunFileRules.MaxUploadBytes, cancellationToken)) return;
        throw new InvalidOperationException($"The uploads of a user may have at most {RunFileRules.MaxUploadBytes / 1024 / 1024} MB together. Wait until earlier ones expire, or upload with fewer expiration_hours.");
    }

    private async Task SaveAsync(Guid runId, string userId, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        RunFileRules.Check(name, content.Length);
        if (await TrySaveAsync(runId, userId, name, content, kept: null, RunFileRules.MaxRunBytes, cancellationToken)) return;
        throw new InvalidOperationException($"The files of a run may have at most {RunFileRules.MaxRunBytes / 1024 / 1024} MB together.");
    }

    private async Task<bool> TrySaveAsync(Guid runId, string userId, string name, ReadOnlyMemory<byte> content, TimeSpan? kept, long maxBytes, CancellationToken cancellationToken)
    {
        var isLarge = content.Length > _databaseBytes;
        if (isLarge && _large is null)
        {
            throw new InvalidOperationException(
                $"The file '{name}' has more than {_databaseBytes / 1024 / 1024} MB (RUN_FILE_DATABASE_MEGABYTES). In a cluster such a file needs RUN_FILE_S3_BUCKET, because its processes do not share a disk.");
        }

        if (_scanner is not null) await _scanner.ScanAsync(name, content, cancellationToken);
        return await _repeat.ExecuteAsync(
            async token =>
            {
                var now = _clock.GetUtcNow();
                var file = new RunFileRow(runId, name, userId, _ids.NewId(), content.Length, isLarge ? _large!.Place : RunFilePlace.Database, now) { UploadExpiresAt = now + kept };
                if (!isLarge) return await _store.SaveAsync(file, content, maxBytes, token);
                await _store.AnnounceAsync(file.ContentId, file.Place, file.SavedAt + RunFileRules.LongestSave, token);
                await _large!.WriteAsync(file.ContentId, content, token);
                return await _store.SaveAsync(file, default, maxBytes, token);
            },
            cancellationToken);
    }

    private Task<ReadOnlyMemory<byte>> ReadUploadAsync(string userId, UploadReference upload, CancellationToken cancellationToken)
    {
        // Who asks for the file of another one learns no more than that there is none for him.
        if (upload.UserId != userId) throw NoUpload(upload);
        RunFileRules.Check(upload.Name, bytes: 0);
        return ReadAsync(upload.Id, userId, upload.Name, row => row is { UploadExpiresAt: { } until } && until > _clock.GetUtcNow(), () => throw NoUpload(upload), cancellationToken);
    }

    private static FileNotFoundException NoUpload(UploadReference upload) =>
        new($"You have no upload '{upload}', or it has expired: upload the file again, and give the new reference.");

    private Task<ReadOnlyMemory<byte>> ReadAsync(Guid runId, string userId, string name, CancellationToken cancellationToken)
    {
        RunFileRules.Check(name, bytes: 0);
        return ReadAsync(runId, userId, name, row => row.UploadExpiresAt is null, () => EarlierAsync(runId, name, cancellationToken), cancellationToken);
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(
        Guid runId, string userId, string name, Func<RunFileRow, bool> isWanted, Func<Task<ReadOnlyMemory<byte>>> absent, CancellationToken cancellationToken)
    {
        var missing = Guid.Empty;
        while (true)
        {
            var found = await _repeat.ExecuteAsync(async token => await _store.FindAsync(runId, name, userId, token), cancellationToken);
            if (found is null || !isWanted(found.Row)) return await absent();
            // An upload may be larger than a file of a run; its content is not read then.
            RunFileRules.Check(name, found.Row.Bytes);
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

        public Task<ReadOnlyMemory<byte>> ReadUploadAsync(UploadReference reference, CancellationToken cancellationToken) => all.ReadUploadAsync(userId, reference, cancellationToken);
    }
}

/// <summary>What the files of a run may be (contract: semantics 2.16 "Temp files").</summary>
internal static class RunFileRules
{
    /// <summary>The most bytes of the files of one run together.</summary>
    public const long MaxRunBytes = 1024L * 1024 * 1024;

    /// <summary>The most bytes of the uploads of one user together that have not expired: those of two runs.</summary>
    public const long MaxUploadBytes = 2 * MaxRunBytes;

    private const long MaxFileBytes = 100L * 1024 * 1024;
    private const int MaxNameLength = FileNames.MaxLength;

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
        if (bytes > MaxFileBytes) throw new InvalidOperationException($"A file of a run may have at most {MaxFileBytes / 1024 / 1024} MB.");
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
