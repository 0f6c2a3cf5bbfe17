using Grainflow.Blocks.Contract;
using Grainflow.Engine.Reviews;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Reviews;

namespace Grainflow.Grains.Reviews;

/// <summary>The reviews of one node execution. An attempt that is repeated finds the review of the first one.</summary>
internal sealed class NodeReviews(IReviewStore store, NodeWork work, Guid nodeExecutionId, TimeProvider clock) : IActionReviews
{
    /// <inheritdoc/>
    public async Task<ReviewDecision> DecideAsync(ReviewRequest request, CancellationToken cancellationToken)
    {
        var review = await store.RequestAsync(
            new Review
            {
                NodeExecutionId = nodeExecutionId,
                RunId = work.RunId,
                UserId = work.UserId,
                GraphId = work.GraphId,
                GraphVersion = work.GraphVersion,
                NodeId = work.NodeId,
                Payload = JsonValues.Clean(request.Payload),
                Instructions = request.Instructions is { } text ? JsonValues.CleanText(text) : null,
                IsEditable = request.IsEditable,
                CreatedAt = clock.GetUtcNow(),
            },
            cancellationToken);
        return review.State == ReviewState.Waiting
            ? new ReviewDecision(ReviewState.Waiting, Data: null, Message: null)
            : new ReviewDecision(review.State, review.Payload.IsNull() ? null : review.Payload, review.Message);
    }
}
