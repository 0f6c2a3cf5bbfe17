using Grainflow.WebConsole.Operator;
using Grainflow.WebConsole.Webhooks;

namespace Grainflow.WebConsole.Tests;

/// <summary>Short texts of the pages.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData(-1, "0 s")]
    [InlineData(0.25, "0.3 s")]
    [InlineData(59, "59 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(2100, "35 min")]
    [InlineData(7260, "2 h 1 min")]
    [InlineData(90_000, "1 d 1 h")]
    [InlineData(172_800, "2 d")]
    public void A_time_that_has_passed_has_two_units(double seconds, string text) => Assert.Equal(text, LagText.Of(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_delivery_that_has_done_nothing_to_a_trigger_says_why()
    {
        Assert.StartsWith("nothing:", DeliveryText.WithoutTrigger(isProcessed: true, error: null, attempts: 0), StringComparison.Ordinal);
        Assert.Equal("is tried again (attempt 2): away", DeliveryText.WithoutTrigger(isProcessed: false, "away", attempts: 1));
        Assert.Equal("is processed now", DeliveryText.WithoutTrigger(isProcessed: false, error: null, attempts: 0));
    }
}
