using Grainflow.Engine.Graphs;

namespace Grainflow.Grains.Execution;

/// <summary>
/// Holds the session of one run: opens it when it is first needed, detects that another activation has fenced it, and drops it when its state is ahead of
/// a log that refused it. All calls are turns of one activation; callers that arrive while a session is being opened wait for that one, because a second
/// opening would fence the first.
/// </summary>
/// <param name="runId">The run.</param>
/// <param name="loader">Opens sessions.</param>
/// <param name="adopted">Called with each new session, at once.</param>
/// <param name="opened">Called with each session that was opened from the log, and awaited before any caller gets it; true when this activation had a session before.</param>
/// <param name="superseded">Called when another activation has opened the run, so that this one must end.</param>
internal sealed class RunSessionHost(Guid runId, RunLoader loader, Action<RunSession> adopted, Func<RunSession, bool, Task> opened, Action superseded)
{
    private Task<RunSession?>? _opening;
    private RunSession? _session;
    private long? _lastEpoch;
    private int _openings;

    /// <summary>Whether a session is open.</summary>
    public bool IsOpen => _session is not null;

    /// <summary>Whether a session is the current one.</summary>
    public bool IsCurrent(RunSession session) => ReferenceEquals(_session, session);

    /// <summary>The session, opened if there is none. Null when the run does not exist.</summary>
    /// <exception cref="RunSupersededException">Another activation has opened the run since this one last held a session.</exception>
    public async Task<RunSession?> OpenAsync()
    {
        var opening = _opening ??= OpenFromLogAsync();
        try
        {
            var session = await opening;
            if (session is null && ReferenceEquals(_opening, opening)) _opening = null;
            return session;
        }
        catch
        {
            if (ReferenceEquals(_opening, opening)) _opening = null;
            throw;
        }
    }

    /// <summary>The session of a run that must exist.</summary>
    public async Task<RunSession> RequireAsync() =>
        await OpenAsync() ?? throw new InvalidOperationException($"Run {runId} does not exist.");

    /// <summary>The session of a run that is created now, unless it was stored before.</summary>
    /// <param name="create">Stores the run and begins its first session; null when the run is stored already.</param>
    public async Task<RunSession> BeginAsync(Func<Task<RunSession?>> create)
    {
        // An opening that began before the run was stored may have found nothing; then the run is created.
        while (_opening is not null)
        {
            if (await OpenAsync() is { } known) return known;
        }

        try
        {
            _opening = CreateAsync(create);
            return await RequireAsync();
        }
        catch (GraphValidationException)
        {
            // A repeated request may find its graph deleted after the run was stored by the first one.
            if (await OpenAsync() is { } stored) return stored;
            throw;
        }
    }

    /// <summary>
    /// Drops a session after a failed append. False when another session has followed it already. The activation stays, so that the timer of the run opens
    /// the next session even when no node is left to report.
    /// </summary>
    public bool Drop(RunSession session)
    {
        if (!IsCurrent(session)) return false;
        _session = null;
        _opening = null;
        return true;
    }

    private async Task<RunSession?> CreateAsync(Func<Task<RunSession?>> create)
    {
        if (await create() is not { } session) return await OpenFromLogAsync();
        Adopt(session);
        return session;
    }

    private async Task<RunSession?> OpenFromLogAsync()
    {
        // Each opening raises the epoch by one at most, and a failed one may have raised it.
        _openings++;
        if (await loader.OpenAsync(runId) is not { } session) return null;
        var reopened = _lastEpoch is not null;
        // A greater step means that another activation of this run opened it in between. One of the two must end, or they would fence each other for ever.
        if (_lastEpoch is { } last && session.Epoch > last + _openings)
        {
            superseded();
            throw new RunSupersededException($"Run {runId} was opened by another activation; this one ends.");
        }

        Adopt(session);
        await opened(session, reopened);
        return session;
    }

    private void Adopt(RunSession session)
    {
        _session = session;
        _lastEpoch = session.Epoch;
        _openings = 0;
        adopted(session);
    }
}
