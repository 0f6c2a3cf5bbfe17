using Grainflow.Grains.Hosting;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Requests;
using Grainflow.Grains.Placement;
using Grainflow.Storage.Hosting;
using Grainflow.Storage.Requests;
using Orleans.Placement;

namespace Grainflow.Grains.Requests;

/// <inheritdoc cref="IRequestKeyGrain"/>
/// <remarks>
/// That a request is under way is held in memory only, and lost with the activation or after <see cref="ClaimLifetime"/>. The request may then be handled a
/// second time. That is harmless: the id of what it creates was stored before it was handled, so handling it again creates the same (ADR 0015). A claim of a silo that
/// membership has declared dead, or that has left, ends with it: nobody in its process handles the request any more. So does that of a process without a silo
/// that does not renew its row any more; if it is only paused, the request is handled twice, which is as harmless.
/// </remarks>
[PreferLocalPlacement, StayingSilos]
public sealed class RequestKeyGrain(IRequestKeyStore store, GatewayStore gateways, ISiloLiveness liveness, IIdSource ids, TimeProvider clock) : Grain, IRequestKeyGrain
{
    /// <summary>How long a repeated request gets the stored answer (decision 27).</summary>
    public static readonly TimeSpan AnswerLifetime = TimeSpan.FromHours(24);

    /// <summary>A claim that is older is taken to be of a process that has died, and the request can be claimed again.</summary>
    public static readonly TimeSpan ClaimLifetime = TimeSpan.FromMinutes(5);

    private (Guid Id, RequestKeyRow Row, DateTimeOffset At, ClaimRequest By)? _claim;

    /// <inheritdoc/>
    public async Task<RequestClaim> Claim(ClaimRequest command)
    {
        var now = clock.GetUtcNow();
        var asked = new RequestKeyRow(command.UserId, command.Key, command.Fingerprint, ids.NewId(), now, Status: null, Answer: null);
        var row = await store.EnsureAsync(asked, now - AnswerLifetime, CancellationToken.None);
        if (!string.Equals(row.Fingerprint, command.Fingerprint, StringComparison.Ordinal)) return new RequestClaim { Verdict = RequestVerdict.Differs };
        if (row is { Status: { } status, Answer: { } answer })
        {
            DeactivateOnIdle();
            return new RequestClaim { Verdict = RequestVerdict.Answered, Status = status, Answer = JsonPayload.Wrap(answer.ToArray()) };
        }

        // The resource ids differ when the claim is of an earlier request whose key has expired since.
        if (_claim is { } current && current.Row.ResourceId == row.ResourceId && now - current.At < ClaimLifetime && !await IsGoneAsync(current.By))
            return new RequestClaim { Verdict = RequestVerdict.UnderWay };
        var claim = (Id: command.Claim == Guid.Empty ? ids.NewId() : command.Claim, Row: row, At: now, By: command);
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
        if (nothingWasDone) await store.DeleteAsync(current.Row, CancellationToken.None);
        DeactivateOnIdle();
    }

    private async ValueTask<bool> IsGoneAsync(ClaimRequest by) => by.Silo is { } silo
        ? (await liveness.FindGoneAsync([silo], CancellationToken.None)).Contains(silo)
        : by.Gateway is { } gateway && !await gateways.IsAliveAsync(gateway, CancellationToken.None);
}
