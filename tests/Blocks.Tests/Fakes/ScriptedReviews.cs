using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>A reviewer whose decision is fixed.</summary>
internal sealed class ScriptedReviews(ReviewDecision decision) : IActionReviews
{
    public List<JsonElement> Payloads { get; } = [];

    public Task<ReviewDecision> DecideAsync(ReviewRequest request, CancellationToken cancellationToken)
    {
        Payloads.Add(request.Payload);
        return Task.FromResult(decision);
    }
}
