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

    private RequestKeyRow? _row;
    private Guid? _claim;
    private DateTimeOffset _claimedAt;

    /// <inheritdoc/>
    public async Task<RequestClaim> Claim(ClaimRequest command)
    {
        var now = clock.GetUtcNow();
        var asked = new RequestKeyRow(command.UserId, command.Key, command.Fingerprint, ids.NewId(), now, Status: null, Answer: null);
        _row = await store.EnsureAsync(asked, now - KeptFor, CancellationToken.None);
        if (!string.Equals(_row.Fingerprint, command.Fingerprint, StringComparison.Ordinal)) return new RequestClaim { Verdict = RequestVerdict.Differs };
        if (_row is { Status: { } status, Answer: { } answer })
        {
            DeactivateOnIdle();
            return new RequestClaim { Verdict = RequestVerdict.Answered, Status = status, Answer = JsonPayload.Take(answer.ToArray()) };
        }

        if (_claim is not null && now - _claimedAt < UnderWayFor) return new RequestClaim { Verdict = RequestVerdict.UnderWay };
        (_claim, _claimedAt) = (ids.NewId(), now);
        return new RequestClaim { Verdict = RequestVerdict.Handle, Claim = _claim.Value, ResourceId = _row.ResourceId, Repeated = _row.ResourceId != asked.ResourceId };
    }

    /// <inheritdoc/>
    public async Task Answer(Guid claim, int status, JsonPayload answer)
    {
        if (_claim != claim || _row is null) return;
        await store.AnswerAsync(_row, status, answer.Memory, CancellationToken.None);
        DeactivateOnIdle();
    }

    /// <inheritdoc/>
    public async Task Abandon(Guid claim, bool nothingWasDone)
    {
        if (_claim != claim || _row is null) return;
        _claim = null;
        if (nothingWasDone) await store.ForgetAsync(_row, CancellationToken.None);
        DeactivateOnIdle();
    }
}
