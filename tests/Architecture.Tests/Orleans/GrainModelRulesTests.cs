namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>The rules find what breaks them.</summary>
public sealed class GrainModelRulesTests
{
    [Theory]
    [InlineData(typeof(BadGrains.NoSerializer), "[GenerateSerializer]")]
    [InlineData(typeof(BadGrains.NotImmutable), "[Immutable]")]
    [InlineData(typeof(BadGrains.NoAlias), "ORLEANS0010")]
    [InlineData(typeof(BadGrains.SameAlias), "ORLEANS0011")]
    [InlineData(typeof(BadGrains.NotSealed), "not sealed")]
    [InlineData(typeof(BadGrains.Hidden), "ORLEANS0107")]
    [InlineData(typeof(BadGrains.Derived), "derives from")]
    [InlineData(typeof(BadGrains.NoId), "ORLEANS0004")]
    [InlineData(typeof(BadGrains.ImplicitId), "[property: Id(n)]")]
    [InlineData(typeof(BadGrains.SameId), "ORLEANS0012")]
    [InlineData(typeof(BadGrains.Settable), "can be changed")]
    [InlineData(typeof(BadGrains.SettableField), "can be changed")]
    [InlineData(typeof(BadGrains.Computed), "ORLEANS0101")]
    [InlineData(typeof(BadGrains.WithList), "ImmutableArray<T>")]
    [InlineData(typeof(BadGrains.WithJson), "no type that Orleans serializes")]
    [InlineData(typeof(BadGrains.WithInterface), "is an interface")]
    [InlineData(typeof(byte[]), "ImmutableArray<T>")]
    [InlineData(typeof(object), "no type that Orleans serializes")]
    [InlineData(typeof(Dictionary<string, string>), "ImmutableDictionary")]
    [InlineData(typeof(Task), "no type that Orleans serializes")]
    [InlineData(typeof(BadGrains.IGoodGrain), "is an interface")]
    public void A_message_that_breaks_a_rule_is_found(Type type, string expected)
    {
        var rules = new MessageRules();
        rules.Check(typeof(BadGrains.Part), "before");
        Assert.Empty(rules.Violations);

        rules.Check(type, "here");

        Assert.Contains(expected, string.Join('\n', rules.Violations), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(BadGrains.Good))]
    [InlineData(typeof(BadGrains.Part))]
    [InlineData(typeof(BadGrains.Value))]
    [InlineData(typeof(BadGrains.Colour))]
    [InlineData(typeof(Guid?))]
    public void A_message_that_keeps_the_rules_is_accepted(Type type)
    {
        var rules = new MessageRules();

        rules.Check(type, "here");

        Assert.Empty(rules.Violations);
    }

    [Theory]
    [InlineData(typeof(BadGrains.INoAliasGrain), "ORLEANS0010")]
    [InlineData(typeof(BadGrains.ISameAliasGrain), "have the same alias 'good grain'")]
    [InlineData(typeof(BadGrains.ISameAliasGrain), "has the alias 'Run' of another method")]
    [InlineData(typeof(BadGrains.INoKeyGrain), "exactly one kind of key")]
    [InlineData(typeof(BadGrains.IPropertyGrain), "ORLEANS0008")]
    [InlineData(typeof(BadGrains.IResultGrain), "ORLEANS0009")]
    [InlineData(typeof(BadGrains.IArgumentGrain), "type parameters")]
    [InlineData(typeof(BadGrains.IArgumentGrain), "ORLEANS0002")]
    [InlineData(typeof(BadGrains.IArgumentGrain), "ORLEANS0109")]
    [InlineData(typeof(BadGrains.IArgumentGrain), "System.Byte[]")]
    [InlineData(typeof(BadGrains.IArgumentGrain), "System.Object")]
    public void A_grain_interface_that_breaks_a_rule_is_found(Type type, string expected)
    {
        var rules = new GrainInterfaceRules();
        rules.Check(typeof(BadGrains.IGoodGrain));
        Assert.Empty(rules.Violations);

        rules.Check(type);

        Assert.Contains(expected, string.Join('\n', rules.Violations), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(BadGrains.SameStateGrain), "same state name 'good'")]
    [InlineData(typeof(BadGrains.WrongStateGrain), "no IPersistentState<T>")]
    [InlineData(typeof(BadGrains.NoConstructorGrain), "no parameterless constructor")]
    [InlineData(typeof(BadGrains.InterleavingGrain), "ORLEANS0001")]
    [InlineData(typeof(BadGrains.Elsewhere.GoodGrain), "same grain type 'good'")]
    public void A_grain_class_that_breaks_a_rule_is_found(Type type, string expected)
    {
        Assert.Empty(GrainClassRules.Violations([typeof(BadGrains.GoodGrain)]));

        var violations = string.Join('\n', GrainClassRules.Violations([typeof(BadGrains.GoodGrain), type]));

        Assert.Contains(expected, violations, StringComparison.Ordinal);
    }
}
