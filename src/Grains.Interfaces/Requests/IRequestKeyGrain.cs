namespace Grainflow.Grains.Interfaces.Requests;

/// <summary>
/// A request with an idempotency key, which its client may send again (decision 27). The key of the grain is
/// <see cref="RequestKeys.GrainKey"/>. The gateway claims the request before it handles it, and stores the answer or abandons the claim afterwards.
/// </summary>
[Alias("grainflow.IRequestKeyGrain")]
public interface IRequestKeyGrain : IGrainWithStringKey
{
    /// <summary>Claims the request.</summary>
    /// <param name="command">The user, the key and the content of the request.</param>
    [Alias("Claim")]
    Task<RequestClaim> Claim(ClaimRequest command);

    /// <summary>Stores the answer for repetitions of the request, and ends the claim.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="answer">The body of the answer.</param>
    [Alias("Answer")]
    Task Answer(Guid claim, int status, JsonPayload answer);

    /// <summary>Ends the claim without an answer, so that a repetition of the request is handled.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="nothingWasDone">True when the request was refused, so that its key may be used for another one.</param>
    [Alias("Abandon")]
    Task Abandon(Guid claim, bool nothingWasDone);
}

/// <summary>Builds the keys of <see cref="IRequestKeyGrain"/>.</summary>
public static class RequestKeys
{
    /// <summary>The key of the grain of a request.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="key">The client's idempotency key; it contains no line break.</param>
    public static string GrainKey(string userId, string key) => $"{key}\n{userId}";
}

/// <summary>Asks for the claim on a request.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.ClaimRequest")]
public sealed record ClaimRequest
{
    /// <summary>The user who sent the request.</summary>
    [Id(0)]
    public required string UserId { get; init; }

    /// <summary>The client's idempotency key.</summary>
    [Id(1)]
    public required string Key { get; init; }

    /// <summary>A hash of the content of the request, to detect that a key is used for two different requests.</summary>
    [Id(2)]
    public required string Fingerprint { get; init; }

    /// <summary>The silo whose process handles the request, by address and generation; null for a process without a silo, and for those of releases that did not say it.</summary>
    [Id(3)]
    public string? Silo { get; init; }

    /// <summary>For a process without a silo, its row in the table of gateways, which it renews while it lives; else null, as for those of releases that did not say it.</summary>
    [Id(4)]
    public Guid? Gateway { get; init; }

    /// <summary>The id that the claim is to have, by which the caller ends one whose answer it did not get; empty for those of releases that did not say it.</summary>
    [Id(5)]
    public Guid Claim { get; init; }
}

/// <summary>The result of <see cref="IRequestKeyGrain.Claim"/>.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.RequestClaim")]
public sealed record RequestClaim
{
    /// <summary>How the caller must continue.</summary>
    [Id(0)]
    public required RequestVerdict Verdict { get; init; }

    /// <summary>The id of the claim, when the request is to be handled.</summary>
    [Id(1)]
    public Guid Claim { get; init; }

    /// <summary>The id to use for what the request creates, when it is to be handled.</summary>
    [Id(2)]
    public Guid ResourceId { get; init; }

    /// <summary>True when the request was claimed before, so that what it creates may exist.</summary>
    [Id(3)]
    public bool Repeated { get; init; }

    /// <summary>The HTTP status of the stored answer, when there is one.</summary>
    [Id(4)]
    public int Status { get; init; }

    /// <summary>The body of the stored answer, or null.</summary>
    [Id(5)]
    public JsonPayload? Answer { get; init; }
}

/// <summary>How to continue with a request that has an idempotency key.</summary>
[GenerateSerializer, Alias("grainflow.RequestVerdict")]
public enum RequestVerdict
{
    /// <summary>The caller has the claim and handles the request.</summary>
    Handle = 0,

    /// <summary>The request was answered; send the stored answer.</summary>
    Answered = 1,

    /// <summary>Another call has the claim.</summary>
    UnderWay = 2,

    /// <summary>The key was used for another request.</summary>
    Differs = 3,
}
