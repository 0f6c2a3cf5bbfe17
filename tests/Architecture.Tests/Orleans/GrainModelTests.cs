using System.Reflection;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>The grains of the product keep the rules of Orleans, although the embedded runtime would not notice.</summary>
public sealed class GrainModelTests
{
    private static readonly Assembly s_interfaces = Assembly.Load("Grainflow.Grains.Interfaces");
    private static readonly Assembly s_grains = Assembly.Load("Grainflow.Grains");

    [Fact]
    public void Every_grain_interface_and_every_message_is_one_that_Orleans_can_carry()
    {
        var rules = new GrainInterfaceRules();
        var interfaces = GrainInterfaceRules.In(s_interfaces).ToArray();

        foreach (var type in interfaces) rules.Check(type);

        Assert.NotEmpty(interfaces);
        Assert.True(rules.Violations.Count == 0, string.Join('\n', rules.Violations));
    }

    [Fact]
    public void Every_grain_class_keeps_the_rules()
    {
        var classes = GrainClassRules.In(s_grains).ToArray();

        var violations = string.Join('\n', GrainClassRules.Violations(classes));

        Assert.NotEmpty(classes);
        Assert.True(violations.Length == 0, violations);
    }

    [Fact]
    public void Every_grain_interface_has_exactly_one_class()
    {
        var classes = GrainClassRules.In(s_grains).ToArray();

        Assert.All(GrainInterfaceRules.In(s_interfaces), type => Assert.Single(classes, candidate => type.IsAssignableFrom(candidate)));
    }

    [Fact]
    public void Grain_interfaces_live_where_clients_can_see_them() => Assert.Empty(GrainInterfaceRules.In(s_grains));
}
