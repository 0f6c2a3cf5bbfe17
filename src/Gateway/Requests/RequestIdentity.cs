namespace Grainflow.Gateway.Requests;

/// <summary>Which request this is.</summary>
/// <param name="ResourceId">The id of what it creates; the same when the client sends the request again under its key.</param>
/// <param name="Repeated">True when it may have been handled before, so that what it creates may be there.</param>
internal sealed record RequestIdentity(Guid ResourceId, bool Repeated);
