using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

public sealed class DurationRangeTests
{
    [Theory]
    [InlineData(0.5, false)]
    [InlineData(1, true)]
    [InlineData(60, true)]
    [InlineData(60.1, false)]
    public void Bounds_belong_to_the_range(double seconds, bool isValid) => Assert.Equal(isValid, new DurationRangeAttribute("00:00:01", "00:01:00").IsValid(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void The_bounds_are_converted_before_anybody_asks()
    {
        var range = new DurationRangeAttribute("00:00:01", "1.00:00:00");
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), (Assert.IsType<TimeSpan>(range.Minimum), Assert.IsType<TimeSpan>(range.Maximum)));
    }
}
