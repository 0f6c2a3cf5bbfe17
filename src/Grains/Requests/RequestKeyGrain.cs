using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Requests;
using Grainflow.Storage.Requests;

namespace Grainflow.Grains.Requests;

/// <inheritdoc cref="IRequestKeyGrain"/>
/// <remarks>
/// That a request is under way is known here alone, and forgotten with the activation or after a while. That is harmless: what a request creates
/// has an id that is stored before it is handled, so handling it again creates the same.
/// </remarks>
public sealed class RequestKeyGrain(IRequestKeyStore store, IIdSource ids, TimeProvider clock) : Grain, IRequestKeyGrain
{
    /// <summary>How long the same answer is given (decision 27).</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    /// <summary>After so long whoever has claimed a request is taken to have died.</summary>
    public static readonly TimeSpan UnderWayFor = TimeSpan.FromMinutes(5);

    private (Guid Id, RequestKeyRow Row, DateTimeOffset At)? _claim;

    /// <inheritdoc/>
    public async Task<RequestClaim> Claim(ClaimRequest command)
    {
        var now = clock.GetUtcNow();
        var asked = new RequestKeyRow(command.UserId, command.Key, command.Fingerprint, ids.NewId(), now, Status: null, Answer: null);
        var row = await store.EnsureAsync(asked, now - KeptFor, CancellationToken.None);
        if (!string.Equals(row.Fingerprint, command.Fingerprint, StringComparison.Ordinal)) return new RequestClaim { Verdict = RequestVerdict.Differs };
        if (row is { Status: { } status, Answer: { } answer })
        {
            DeactivateOnIdle();
            return new RequestClaim { Verdict = RequestVerdict.Answered, Status = status, Answer = JsonPayload.Take(answer.ToArray()) };
        }

        // A claim may still stand for the request that had the key a day ago.
        if (_claim is { } current && current.Row.ResourceId == row.ResourceId && now - current.At < UnderWayFor) return new RequestClaim { Verdict = RequestVerdict.UnderWay };
        var claim = (Id: ids.NewId(), Row: row, At: now);
        _claim = claim;
        return new RequestClaim { Verdict = RequestVerdict.Handle, Claim = claim.Id, ResourceId = row.ResourceId, Repeated = row.ResourceId != asked.ResourceId };
    }

    /// <inheritdoc/>
    public async Task Answer(Guid claim, int status, JsonPayload answer)
    {
        if (_claim is not { } current || current.Id != claim) return;
        await store.AnswerAsync(current.Row, status, answer.Memory, CancellationToken.None);
        DeactivateOnIdle();
    }

    /// <inheritdoc/>
    public async Task Abandon(Guid claim, bool nothingWasDone)
    {
        if (_claim is not { } current || current.Id != claim) return;
        _claim = null;
        if (nothingWasDone) await store.ForgetAsync(current.Row, CancellationToken.None);
        DeactivateOnIdle();
    }
}
