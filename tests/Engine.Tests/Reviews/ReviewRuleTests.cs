using System.Text.Json;
using Grainflow.Engine.Reviews;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Reviews;

/// <summary>Decisions on reviews (contract: semantics 2.12, "Edits", "Idempotency" and "auto_approve_future").</summary>
public sealed class ReviewRuleTests
{
    private static readonly Guid Id = new("7d1c3a5e-0000-4000-8000-000000000009");

    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(true, ReviewState.Approved)]
    [InlineData(false, ReviewState.Rejected)]
    public void A_decision_is_stored_with_its_time_and_message(bool approved, ReviewState state)
    {
        var decided = ReviewRule.Decide(Waiting(), Verdict(approved, message: "fine"), Now, out var problem);
        Assert.Null(problem);
        Assert.Equal((state, "fine", Now, false), (decided.State, decided.Message, decided.ReviewedAt, decided.WasEdited));
        Assert.Equal("""{"a":1}""", JsonValues.Compact(decided.Payload));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    public void A_blank_message_is_none(string message) => Assert.Null(ReviewRule.Decide(Waiting(), Verdict(true, message: message), Now, out _).Message);

    [Fact]
    public void Changed_data_are_approved_in_place_of_those_under_review()
    {
        var decided = ReviewRule.Decide(Waiting(), Verdict(true, """{"a": 2}"""), Now, out var problem);
        Assert.Null(problem);
        Assert.Equal(("""{"a":2}""", true), (JsonValues.Compact(decided.Payload), decided.WasEdited));
    }

    [Theory]
    [InlineData(false, """{"a": 2}""", "is not editable; leave reviewed_data out.")]
    [InlineData(true, """{"a": 1.0}""", "are the data under review; leave reviewed_data out to approve them unchanged.")]
    public void Data_that_must_not_be_changed_or_are_the_same_are_refused(bool editable, string data, string why)
    {
        var review = Waiting() with { IsEditable = editable };
        Assert.Same(review, ReviewRule.Decide(review, Verdict(true, data), Now, out var problem));
        Assert.EndsWith(why, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Changed_data_are_ignored_in_a_rejection_and_where_the_future_is_approved_too(bool approved, bool future)
    {
        var decided = ReviewRule.Decide(Waiting() with { IsEditable = false }, Verdict(approved, """{"a": 2}""", future: future), Now, out var problem);
        Assert.Null(problem);
        Assert.Equal("""{"a":1}""", JsonValues.Compact(decided.Payload));
    }

    [Fact]
    public void The_same_decision_again_changes_nothing_and_the_other_one_is_refused()
    {
        var decided = ReviewRule.Decide(Waiting(), Verdict(true), Now, out _);
        Assert.Same(decided, ReviewRule.Decide(decided, Verdict(true, message: "again"), Now.AddHours(1), out var same));
        Assert.Null(same);
        Assert.Same(decided, ReviewRule.Decide(decided, Verdict(false), Now, out var other));
        Assert.Equal($"Review {Id} was already APPROVED; it cannot become REJECTED.", other);
    }

    private static Review Waiting() => new()
    {
        NodeExecutionId = Id,
        RunId = Id,
        UserId = "user",
        GraphId = Id,
        GraphVersion = 1,
        NodeId = "n",
        Payload = JsonValues.Parse("""{"a": 1}"""),
        IsEditable = true,
        CreatedAt = Now.AddDays(-1),
    };

    private static ReviewVerdict Verdict(bool approved, string? data = null, string? message = null, bool future = false) =>
        new(Id, approved, message, data is null ? (JsonElement?)null : JsonValues.Parse(data), future);
}
