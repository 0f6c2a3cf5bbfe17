using Grainflow.Engine.Billing;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Billing;

public sealed class PriceCheckTests
{
    private static readonly IReadOnlySet<string> System = new HashSet<string>(StringComparer.Ordinal) { "sys" };

    [Fact]
    public void Right_prices_have_no_problem() => Assert.Empty(Problems(
        Rule(3, """{"model": "m2", "credentials": {"id": "sys", "provider": "p1"}}"""),
        Rule(2, """{"model": "m1", "credentials": {"id": "sys"}}"""),
        Rule(1, """{"prompt": false, "credentials": {"id": "sys"}}"""),
        Rule(7, """{"prompt": true}""", CostType.Second) with { Maximum = 1 },
        Rule(0, "{}")));

    [Theory]
    [InlineData("""{"nowhere": 1}""", "its filter names the pin 'nowhere', which the block does not have")]
    [InlineData("""{"credentials": {"id": "other"}}""", "its filter names the system credential 'other', which is not known")]
    [InlineData("""{"credentials": {"provider": "p1"}}""", "its filter names the system credential '', which is not known")]
    [InlineData("""{"credentials": null}""", "its filter names the system credential '', which is not known")]
    [InlineData("[]", "its filter is not a JSON object")]
    public void A_filter_that_cannot_match_as_it_was_meant_is_named(string filter, string problem) => Assert.Equal([$"ModelBlock, price 1 of 1: {problem}."], Problems(Rule(1, filter)));

    [Fact]
    public void A_negative_price_is_named() => Assert.Equal(["ModelBlock, price 1 of 1: -1 credits are negative."], Problems(Rule(-1, "{}")));

    [Theory]
    [InlineData(CostType.Second)]
    [InlineData(CostType.Byte)]
    [InlineData(CostType.Items)]
    [InlineData(CostType.CostUsd)]
    [InlineData(CostType.Tokens)]
    public void A_price_by_use_needs_a_maximum(CostType type)
    {
        var rule = Rule(1, "{}", type) with { TokenRate = type == CostType.Tokens ? new TokenRate(1) : null };
        Assert.Empty(Problems(rule with { Maximum = 1 }));
        foreach (var wrong in new long?[] { null, 0, -1 })
            Assert.Equal([$"ModelBlock, price 1 of 1: a price by {type} must declare its maximum, 1 or more, which is reserved before the block starts."], Problems(rule with { Maximum = wrong }));
    }

    [Fact]
    public void Members_that_do_not_fit_the_type_are_named()
    {
        Assert.Equal(["ModelBlock, price 1 of 1: a price per run has no maximum."], Problems(Rule(1, "{}") with { Maximum = 5 }));
        Assert.Equal(["ModelBlock, price 1 of 1: its divisor is 0; it must be 1 or more."], Problems(Rule(1, "{}") with { Divisor = 0 }));
        Assert.Equal(["ModelBlock, price 1 of 1: a price of tokens needs a token_rate."], Problems(Rule(0, "{}", CostType.Tokens) with { Maximum = 5 }));
        Assert.Equal(["ModelBlock, price 1 of 1: a price of tokens is negative."], Problems(Rule(0, "{}", CostType.Tokens) with { Maximum = 5, TokenRate = new TokenRate(1, -1) }));
    }

    [Theory]
    [InlineData("{}", """{"model": "m1"}""")]
    [InlineData("""{"model": "m1"}""", """{"model": "m1"}""")]
    [InlineData("""{"model": "m1"}""", """{"model": "m1", "prompt": "p"}""")]
    [InlineData("""{"credentials": {"id": "sys"}}""", """{"model": "V_3", "credentials": {"id": "sys", "provider": "p1"}}""")]
    [InlineData("""{"prompt": false}""", """{"prompt": ""}""")]
    [InlineData("""{"prompt": {"k": {"l": null}}}""", """{"prompt": {"k": {"l": 0, "m": 1}}}""")]
    public void A_rule_that_can_never_match_behind_an_earlier_one_is_named(string first, string second) =>
        Assert.Equal(["ModelBlock, price 2 of 2: it can never match, because price 1 matches whenever it does; the most specific price comes first."], Problems(Rule(1, first), Rule(2, second)));

    [Theory]
    [InlineData("""{"model": "m1"}""", """{"model": "m2"}""")]
    [InlineData("""{"model": "m1", "prompt": "p"}""", """{"model": "m1"}""")]
    [InlineData("""{"prompt": false}""", """{"prompt": true}""")]
    [InlineData("""{"prompt": false}""", """{"model": "m1"}""")]
    [InlineData("""{"prompt": {"k": 1}}""", """{"prompt": {"k": 2}}""")]
    public void A_rule_that_may_match_where_an_earlier_one_does_not_is_right(string first, string second) => Assert.Empty(Problems(Rule(1, first), Rule(2, second)));

    private static IReadOnlyList<string> Problems(params CostRule[] rules) => [.. PriceCheck.Problems([FakeBlocks.Model with { Costs = rules }], System)];

    private static CostRule Rule(long credits, string filter, CostType type = CostType.Run) => new(credits, type, JsonValues.Parse(filter));
}
