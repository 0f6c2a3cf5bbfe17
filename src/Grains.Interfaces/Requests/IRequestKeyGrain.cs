namespace Grainflow.Grains.Interfaces.Requests;

/// <summary>
/// A request that its client may send again under a key of its own (decision 27). The grain's key is made by
/// <see cref="RequestKeys.GrainKey"/>. Who handles a request claims it first, and says afterwards what became of it.
/// </summary>
[Alias("grainflow.IRequestKeyGrain")]
public interface IRequestKeyGrain : IGrainWithStringKey
{
    /// <summary>Claims the request.</summary>
    /// <param name="command">Who asks for what.</param>
    [Alias("Claim")]
    Task<RequestClaim> Claim(ClaimRequest command);

    /// <summary>Keeps the answer for those who send the request again, and ends the claim.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="answer">The answer.</param>
    [Alias("Answer")]
    Task Answer(Guid claim, int status, JsonPayload answer);

    /// <summary>Ends the claim without an answer: whoever sends the request again has it handled.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="nothingWasDone">True when the request was refused, so that its key may be used for another one.</param>
    [Alias("Abandon")]
    Task Abandon(Guid claim, bool nothingWasDone);
}
