using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Monitoring;

namespace Grainflow.Engine.Tests.Monitoring;

/// <summary>The rules of semantics 9.2.</summary>
public sealed class BlockErrorRatesTests
{
    private static readonly ILookup<string, string> NoErrors = Array.Empty<string>().ToLookup(error => error, StringComparer.Ordinal);

    [Fact]
    public void A_check_looks_at_the_last_24_hours() => Assert.Equal(TimeSpan.FromHours(24), BlockErrorRates.Window);

    [Theory]
    [InlineData(10, 5, true)]
    [InlineData(10, 4, false)]
    [InlineData(9, 9, false)]
    [InlineData(1000, 499, false)]
    [InlineData(1000, 500, true)]
    public void A_block_with_ten_executions_of_which_half_failed_is_over_the_limit(int total, int failed, bool isOver) =>
        Assert.Equal(isOver, BlockErrorRates.Select([new("A", total, failed)], 0.5, top: 0).AreOverLimit);

    [Fact]
    public void Blocks_over_the_limit_come_worst_first_and_no_others_with_them()
    {
        var selection = BlockErrorRates.Select([new("Half", 10, 5), new("All", 10, 10), new("Most", 10, 9), new("Few", 1000, 400)], 0.5, top: 3);
        Assert.Equal(["All", "Most", "Half"], selection.Blocks.Select(block => block.Block));
    }

    [Fact]
    public void Without_a_block_over_the_limit_the_three_with_most_failures_are_shown_of_those_with_ten_executions()
    {
        var selection = BlockErrorRates.Select([new("One", 100, 1), new("Four", 100, 4), new("Two", 100, 2), new("Three", 100, 3), new("Rare", 9, 4), new("None", 100, 0)], 0.5, top: 3);
        Assert.False(selection.AreOverLimit);
        Assert.Equal(["Four", "Three", "Two"], selection.Blocks.Select(block => block.Block));
    }

    [Fact]
    public void The_setting_0_switches_the_list_of_most_failures_off()
    {
        var selection = BlockErrorRates.Select([new("Four", 100, 4)], 0.5, top: 0);
        Assert.Equal("all_clear", (string?)BlockErrorRates.Report(selection, NoErrors, 0.5).Details["kind"]);
    }

    [Fact]
    public void Without_failures_an_all_clear_is_sent()
    {
        var alert = BlockErrorRates.Report(BlockErrorRates.Select([new("Good", 100, 0)], 0.5, top: 3), NoErrors, 0.5);
        Assert.Equal((AlertTypes.BlockErrorRates, AlertChannels.Platform, false), (alert.Type, alert.Channel, alert.IsWarning));
        Assert.StartsWith("All clear: ", alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_over_the_limit_is_shown_with_up_to_three_groups_of_errors()
    {
        var errors = new[] { "Status 500", "Status 502", "Status 404", "no such host", "refused", "refused", "timed out", "timed out" }.ToLookup(_ => "A", StringComparer.Ordinal);

        var alert = BlockErrorRates.Report(new BlockErrorSelection([new("A", 20, 10)], AreOverLimit: true), errors, 0.5);

        Assert.Equal("1 block failed in 50 % or more of the executions of the last 24 hours.\n- A: 10 of 20 failed (50 %)\n  - 3 times: Status X\n  - 2 times: refused\n  - 2 times: timed out", alert.Message);
        Assert.True(alert.IsWarning);
        var block = alert.Details["blocks"]![0]!;
        Assert.Equal(("A", 20L, 10L, 0.5), ((string?)block["block_name"], (long)block["total"]!, (long)block["failed"]!, (double)block["error_rate"]!));
        Assert.Equal([("Status X", 3), ("refused", 2), ("timed out", 2)], block["samples"]!.AsArray().Select(sample => ((string)sample!["error"]!, (int)sample["count"]!)));
    }

    [Fact]
    public void Of_the_blocks_with_most_failures_only_the_commonest_error_is_shown()
    {
        var errors = new[] { "rare", "common", "common" }.ToLookup(_ => "A", StringComparer.Ordinal);
        var alert = BlockErrorRates.Report(new BlockErrorSelection([new("A", 20, 3)], AreOverLimit: false), errors, 0.5);
        Assert.EndsWith("- A: 3 of 20 failed (15 %)\n  - 2 times: common", alert.Message, StringComparison.Ordinal);
        Assert.False(alert.IsWarning);
    }

    [Fact]
    public void The_line_of_the_log_has_no_text_of_an_error()
    {
        var alert = BlockErrorRates.Report(new BlockErrorSelection([new("A", 20, 10)], AreOverLimit: true), new[] { "private" }.ToLookup(_ => "A", StringComparer.Ordinal), 0.5);
        Assert.DoesNotContain("private", alert.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_that_fails_is_an_alert_itself()
    {
        var alert = BlockErrorRates.Failure("TimeoutException: 30 s");
        Assert.Equal(("check_failed", true, "TimeoutException: X s"), ((string?)alert.Details["kind"], alert.IsWarning, (string?)alert.Details["error"]));
    }

    [Fact]
    public void Blocks_are_counted_by_name_whatever_their_ids() =>
        Assert.Equal([new("A", 12, 6), new("B", 1, 0)], BlockErrorRates.ByName([new("A", 5, 1), new("B", 1, 0), new("A", 7, 5)]));

    [Theory]
    [InlineData("failed 3 of 12 times", "failed X of X times")]
    [InlineData("HTTP said NO to ABC", "MASKED said NO to MASKED")]
    [InlineData("no field user_name in _x", "no field MASKED in MASKED")]
    [InlineData("id abcdefab-abcd-abcd-abcd-abcdefabcdef", "id UUID")]
    [InlineData("id 123e4567-e89b-12d3-a456-426614174000", "id XeX-eXb-XdX-aX-X")]
    [InlineData("hash abcdefabcdefabcdefab", "hash HASH")]
    [InlineData("hash abcdefabcdefabcdefa", "hash abcdefabcdefabcdefa")]
    [InlineData("cannot read /etc/some/file now", "cannot read /PATH now")]
    [InlineData("cannot reach https://example.com/a?b=c now", "cannot reach URL now")]
    [InlineData("no mailbox jane.doe@example.com", "no mailbox EMAIL")]
    [InlineData("", "")]
    public void Samples_are_masked_in_the_order_of_the_contract(string error, string masked) => Assert.Equal(masked, ErrorMask.Apply(error));

    [Fact]
    public void A_masked_sample_longer_than_100_characters_is_cut_to_97_and_three_dots()
    {
        Assert.Equal(new string('x', 100), ErrorMask.Apply(new string('x', 100)));
        Assert.Equal(new string('x', 97) + "...", ErrorMask.Apply(new string('x', 101)));
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 97)) + "...", ErrorMask.Apply(string.Concat(Enumerable.Repeat("😀", 5000))));
    }

    [Fact]
    public void A_masked_sample_is_short_has_no_digit_and_no_address() => Prop.ForAll<string>(text =>
    {
        var masked = ErrorMask.Apply(text ?? "");
        return masked.EnumerateRunes().Count() <= ErrorMask.MostCharacters && !masked.Any(char.IsDigit) && !masked.Contains("://", StringComparison.Ordinal);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Groups_count_every_sample_once() => Prop.ForAll<string[]>(errors =>
    {
        var texts = (errors ?? []).Select(error => error ?? "").ToList();
        var groups = BlockErrorRates.Group(texts, int.MaxValue);
        return groups.Sum(group => group.Count) == texts.Count && groups.Select(group => group.Text).Distinct(StringComparer.Ordinal).Count() == groups.Count
            && groups.Zip(groups.Skip(1)).All(pair => pair.First.Count >= pair.Second.Count);
    }).QuickCheckThrowOnFailure();
}
