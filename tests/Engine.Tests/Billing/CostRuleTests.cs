using Grainflow.Engine.Billing;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Billing;

/// <summary>Semantics 3.2 (without a divisor, parts of a credit are dropped) and upstream.md section 5 "Units" (with one, begun units count).</summary>
public sealed class CostRuleTests
{
    [Theory]
    [InlineData(2, null, 0, 0)]
    [InlineData(2, null, 0.49, 0)]
    [InlineData(2, null, 0.5, 1)]
    [InlineData(2, null, 7.9, 15)]
    [InlineData(3, 10, 0.1, 3)]
    [InlineData(3, 10, 10, 3)]
    [InlineData(3, 10, 10.1, 6)]
    [InlineData(3, 10, 0, 0)]
    public void Seconds(long credits, int? divisor, double seconds, long expected) =>
        Assert.Equal(expected, Rule(credits, CostType.Second, divisor).CreditsFor(new BlockUse { Seconds = (decimal)seconds }));

    [Theory]
    [InlineData(1, null, 4096, 4096)]
    [InlineData(1, 1024, 1, 1)]
    [InlineData(1, 1024, 1024, 1)]
    [InlineData(5, 1024, 1025, 10)]
    public void Bytes(long credits, int? divisor, long bytes, long expected) => Assert.Equal(expected, Rule(credits, CostType.Byte, divisor).CreditsFor(new BlockUse { Bytes = bytes }));

    [Theory]
    [InlineData(1, null, 0, 0)]
    [InlineData(1, null, 3, 3)]
    [InlineData(2, 10, 11, 4)]
    public void Items(long credits, int? divisor, long items, long expected) => Assert.Equal(expected, Rule(credits, CostType.Items, divisor).CreditsFor(new BlockUse { Items = items }));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0.001", 1)]
    [InlineData("0.02", 3)]
    [InlineData("1", 150)]
    [InlineData("1.0001", 151)]
    public void Dollars_cost_150_credits_each(string dollars, long expected) =>
        Assert.Equal(expected, Rule(150, CostType.CostUsd).CreditsFor(new BlockUse { CostUsd = decimal.Parse(dollars, System.Globalization.CultureInfo.InvariantCulture) }));

    [Theory]
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(1, 0, 0, 0, 1)]
    [InlineData(1_000_000, 0, 0, 0, 300)]
    [InlineData(1_000_000, 1_000_000, 0, 0, 1800)]
    [InlineData(0, 0, 1_000_000, 1_000_000, 405)]
    [InlineData(1000, 100, 0, 0, 1)]
    public void Tokens_cost_by_the_million_and_kind(long sent, long received, long read, long created, long expected)
    {
        var rule = Rule(0, CostType.Tokens) with { TokenRate = new TokenRate(300, 1500, 30, 375) };
        Assert.Equal(expected, rule.CreditsFor(new BlockUse { InputTokens = sent, OutputTokens = received, CacheReadTokens = read, CacheCreationTokens = created }));
    }

    [Fact]
    public void A_run_costs_the_same_whatever_is_used() => Assert.Equal((5, 5), (Rule(5, CostType.Run).CreditsFor(new BlockUse { Seconds = 1e6m, Bytes = long.MaxValue }), Rule(5, CostType.Run).Reservation));

    [Fact]
    public void What_is_too_large_for_a_number_is_the_largest_one() =>
        Assert.Equal(long.MaxValue, Rule(long.MaxValue, CostType.Byte).CreditsFor(new BlockUse { Bytes = 1000 }));

    [Fact]
    public void A_price_by_use_reserves_its_maximum() => Assert.Equal((40, true), (Rule(2, CostType.Second).Reservation, Rule(2, CostType.Second).IsMetered));

    private static CostRule Rule(long credits, CostType type, int? divisor = null) =>
        new(credits, type, JsonValues.EmptyObject) { Divisor = divisor, Maximum = type == CostType.Run ? null : 40 };
}
