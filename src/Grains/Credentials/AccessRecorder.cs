using Grainflow.Grains.Telemetry;
using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Credentials;

/// <summary>
/// Records accesses to secrets that are not recorded together with a lease. Many are written by one statement, and nobody waits for it; when the process is killed, those of
/// its last moment are lost.
/// </summary>
/// <param name="store">The record.</param>
/// <param name="metrics">Counts refused accesses.</param>
/// <param name="clock">The time of repetitions.</param>
/// <param name="logger">Logs when rows cannot be written.</param>
internal sealed partial class AccessRecorder(ICredentialLeaseStore store, CredentialMetrics metrics, TimeProvider clock, ILogger<AccessRecorder> logger) : IAsyncDisposable
{
    private const int MostPerStatement = 1000;

    /// <summary>More waiting rows than this are not kept while the database is away: about 50 MB.</summary>
    private const int MostWaiting = 100_000;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<CredentialAccess> _waiting = [];
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;

    /// <summary>Records an access. Does not throw.</summary>
    public void Add(CredentialAccess access)
    {
        if (access.Reason is not null) metrics.Refused(access.Purpose);
        lock (_gate)
        {
            if (_waiting.Count >= MostWaiting)
            {
                NotKept();
                return;
            }

            _waiting.Enqueue(access);
            if (_isWriting) return;
            _isWriting = true;
            using (ExecutionContext.SuppressFlow()) _writing = Task.Run(WriteAllAsync);
        }
    }

    /// <summary>Waits until what was added so far is written, or the database has not taken it for some seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task writing;
        lock (_gate) writing = _writing;
        await writing;
        _stopping.Dispose();
    }

    private async Task WriteAllAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            while (!await TryWriteAsync(batch))
            {
                if (_stopping.IsCancellationRequested)
                {
                    Lost(batch.Count);
                    break;
                }

                await Task.Delay(RetryDelay, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private List<CredentialAccess> Take()
    {
        var batch = new List<CredentialAccess>();
        lock (_gate)
        {
            while (batch.Count < MostPerStatement && _waiting.TryDequeue(out var access)) batch.Add(access);
            _isWriting = batch.Count > 0;
        }

        return batch;
    }

    private async Task<bool> TryWriteAsync(List<CredentialAccess> batch)
    {
        using var limit = new CancellationTokenSource(LastWrite, clock);
        try
        {
            await store.RecordAsync(batch, _stopping.IsCancellationRequested ? limit.Token : CancellationToken.None);
            return true;
        }
        catch (Exception exception)
        {
            NotWritten(exception, batch.Count);
            return false;
        }
    }

    [LoggerMessage(2851, LogLevel.Warning, "The record of {Count} accesses to credentials could not be written; it is tried again.")]
    private partial void NotWritten(Exception exception, int count);

    [LoggerMessage(2852, LogLevel.Error, "The record of {Count} accesses to credentials was lost: the database did not take it before the process ended.")]
    private partial void Lost(int count);

    [LoggerMessage(2853, LogLevel.Error, "The record of an access to a credential was lost: the database has taken none for too long.")]
    private partial void NotKept();
}
