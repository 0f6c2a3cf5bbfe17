using Grainflow.Engine.Billing;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Billing;

/// <summary>Semantics 3.2 and 3.3; decision 29; quirk 9 of block-tiers.</summary>
public sealed class PricesTests
{
    [Fact]
    public void A_block_without_prices_is_free() => Assert.Equal(0, Price("{}"));

    [Fact]
    public void A_rule_without_a_filter_always_applies() => Assert.Equal(3, Price("{}", "3 {}"));

    [Fact]
    public void No_rule_that_matches_means_free() => Assert.Equal(0, Price("""{"a": "y"}""", """3 {"a": "x"}"""));

    [Fact]
    public void The_first_rule_that_matches_counts()
    {
        Assert.Equal(1, Price("""{"a": "x", "b": "y"}""", """1 {"a": "x"}""", """2 {"a": "x", "b": "y"}"""));
        Assert.Equal(2, Price("""{"a": "x", "b": "y"}""", """2 {"a": "x", "b": "y"}""", """1 {"a": "x"}"""));
        Assert.Equal(1, Price("""{"a": "x"}""", """2 {"a": "x", "b": "y"}""", """1 {"a": "x"}"""));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("false")]
    [InlineData("0")]
    [InlineData("0.0")]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void All_falsy_values_and_a_missing_one_are_equal(string falsy)
    {
        Assert.Equal(5, Price("{}", $$"""5 {"a": {{falsy}}}"""));
        foreach (var given in new[] { "null", "false", "0", "\"\"", "[]", "{}" })
            Assert.Equal(5, Price($$"""{"a": {{given}}}""", $$"""5 {"a": {{falsy}}}"""));
        foreach (var given in new[] { "true", "1", "\"x\"", "[0]", """{"k": 0}""" })
        {
            Assert.Equal(0, Price($$"""{"a": {{given}}}""", $$"""5 {"a": {{falsy}}}"""));
            Assert.Equal(0, Price($$"""{"a": {{falsy}}}""", $$"""5 {"a": {{given}}}"""));
        }
    }

    [Fact]
    public void A_truthy_filter_does_not_match_what_is_missing() => Assert.Equal(0, Price("{}", """5 {"a": "x"}"""));

    [Theory]
    [InlineData("1.0", "1", true)]
    [InlineData("\"1\"", "1", false)]
    [InlineData("[1, 2]", "[1, 2]", true)]
    [InlineData("[1, 2, 3]", "[1, 2]", false)]
    public void Other_values_match_when_equal(string given, string wanted, bool matches) =>
        Assert.Equal(matches ? 5 : 0, Price($$"""{"a": {{given}}}""", $$"""5 {"a": {{wanted}}}"""));

    [Theory]
    [InlineData("""{"credentials": {"id": "sys", "provider": "p", "title": "more"}}""", 5)]
    [InlineData("""{"credentials": {"id": "own", "provider": "p"}}""", 0)]
    [InlineData("""{"credentials": "sys"}""", 0)]
    [InlineData("""{"credentials": {}}""", 0)]
    [InlineData("{}", 0)]
    public void Objects_match_recursively_so_that_own_credentials_are_free(string input, long price) =>
        Assert.Equal(price, Price(input, """5 {"credentials": {"id": "sys", "provider": "p", "extra": null}}"""));

    [Theory]
    [InlineData("{}", 5)]
    [InlineData("""{"model": null}""", 5)]
    [InlineData("""{"model": "m2"}""", 0)]
    [InlineData("""{"model": ""}""", 0)]
    public void The_default_of_the_block_counts_where_nothing_is_given(string input, long price)
    {
        var block = FakeBlocks.Of("Priced", "model:string=\"m1\"", "") with { Costs = [Rule("""5 {"model": "m1"}""")] };

        Assert.Equal(price, Prices.Of(block, Values(input)));
    }

    [Fact]
    public void A_price_that_depends_on_the_use_of_the_block_takes_its_maximum_first_and_hides_later_rules()
    {
        foreach (var type in Enum.GetValues<CostType>().Where(type => type != CostType.Run))
            Assert.Equal(40, Prices.Of(FakeBlocks.Step with { Costs = [new CostRule(7, type, JsonValues.EmptyObject) { Maximum = 40 }, Rule("5 {}")] }, Values("{}")));
    }

    [Theory]
    [InlineData("""{"a": "x"}""", """{"b": 1}""", """{"c": 1}""", null)]
    [InlineData("""{"a": "x"}""", """{"a": "x", "b": 1}""", """{"a": "x", "b": 1}""", 0)]
    [InlineData("{}", """{"a": "x"}""", """{"a": "x"}""", 0)]
    [InlineData("""{"a": {"deep": {"k": 1}}}""", """{"a": {"deep": {}}}""", """{"a": {"deep": {"k": 1, "l": 2}, "m": 3}}""", 0)]
    [InlineData("""{"a": {"deep": {"k": 1}}}""", """{"a": {"deep": {"k": 2}}}""", """{"a": {"deep": {"k": 2}}}""", 1)]
    [InlineData("""{"a": {"deep": {"k": null}}}""", """{"a": {"deep": {"l": 1}}}""", """{"a": {"deep": {"l": 1}}}""", 0)]
    public void The_rule_that_counts_is_the_first_whose_filter_the_input_contains(string first, string second, string input, int? match)
    {
        var block = FakeBlocks.Step with { Costs = [Rule("1 " + first), Rule("2 " + second)] };

        Assert.Equal(match is { } index ? block.Costs[index] : null, Prices.Match(block, JsonValues.Parse(input)));
    }

    private static long Price(string input, params string[] rules) => Prices.Of(FakeBlocks.Step with { Costs = [.. rules.Select(Rule)] }, Values(input));

    private static CostRule Rule(string text)
    {
        var at = text.IndexOf(' ', StringComparison.Ordinal);
        return new CostRule(long.Parse(text[..at], System.Globalization.CultureInfo.InvariantCulture), CostType.Run, JsonValues.Parse(text[(at + 1)..]));
    }

    private static PinValues Values(string json)
    {
        var values = new PinValues(StringComparer.Ordinal);
        foreach (var member in JsonValues.Parse(json).EnumerateObject()) values[member.Name] = member.Value;
        return values;
    }
}
