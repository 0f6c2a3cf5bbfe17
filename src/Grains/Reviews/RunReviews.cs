using System.Collections.Immutable;
using Grainflow.Engine.Reviews;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Reviews;

namespace Grainflow.Grains.Reviews;

/// <summary>Decides the reviews of one run.</summary>
internal static class RunReviews
{
    /// <summary>Checks and stores decisions, all or none. Repeating the call changes nothing.</summary>
    /// <param name="store">The reviews.</param>
    /// <param name="runId">The run, which waits for reviews.</param>
    /// <param name="command">The decisions.</param>
    /// <param name="now">The time.</param>
    public static async Task<ReviewAnswer> DecideAsync(IReviewStore store, Guid runId, DecideReviews command, DateTimeOffset now)
    {
        var stored = (await store.FindAsync(command.UserId, [.. command.Items.Select(item => item.NodeExecutionId)], CancellationToken.None))
            .Where(review => review.RunId == runId).ToDictionary(review => review.NodeExecutionId);
        if (command.Items.Any(item => !stored.ContainsKey(item.NodeExecutionId))) return new ReviewAnswer { Outcome = ReviewOutcome.NotFound };

        var decided = new List<Review>();
        foreach (var item in command.Items)
        {
            var data = item.Data is { } given ? JsonValues.Clean(JsonValues.ParseUtf8(given.Memory.Span)) : (System.Text.Json.JsonElement?)null;
            var verdict = new ReviewVerdict(item.NodeExecutionId, item.IsApproved, item.Message is { } text ? JsonValues.CleanText(text) : null, data, item.ApprovesFuture);
            var review = ReviewRule.Decide(stored[item.NodeExecutionId], verdict, now, out var problem);
            if (problem is not null) return new ReviewAnswer { Outcome = ReviewOutcome.Invalid, Problem = problem };
            if (stored[item.NodeExecutionId].State == ReviewState.Waiting) decided.Add(review);
        }

        var approvedNodes = command.Items.Where(item => item is { IsApproved: true, ApprovesFuture: true }).Select(item => stored[item.NodeExecutionId].NodeId).ToImmutableHashSet(StringComparer.Ordinal);
        if (decided.Count == 0 && approvedNodes.Count == 0) return new ReviewAnswer { Outcome = ReviewOutcome.Done };
        if (await store.DecideAsync(runId, decided, approvedNodes, CancellationToken.None)) return new ReviewAnswer { Outcome = ReviewOutcome.Done };
        // Another caller has decided one of them since they were read; what he has decided is final, so this ends.
        return await DecideAsync(store, runId, command, now);
    }
}
