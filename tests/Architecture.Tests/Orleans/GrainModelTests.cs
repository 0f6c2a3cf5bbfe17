using System.Reflection;

namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>What the project asks of its grains and messages beyond what Orleans' own analyzers check at each build.</summary>
public sealed class GrainModelTests
{
    private static readonly Assembly s_interfaces = Assembly.Load("Grainflow.Grains.Interfaces");
    private static readonly Assembly s_grains = Assembly.Load("Grainflow.Grains");

    [Fact]
    public void Nobody_can_change_a_message_and_its_name_on_the_wire_is_its_own()
    {
        Type[] messages = [.. MessageRules.In(s_interfaces), .. MessageRules.In(s_grains)];

        var violations = string.Join('\n', MessageRules.Violations(messages));

        Assert.NotEmpty(messages);
        Assert.True(violations.Length == 0, violations);
    }

    [Fact]
    public void Every_state_is_found_again_by_a_name_of_its_own()
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

        Assert.All(Interfaces(s_interfaces), type => Assert.Single(classes, candidate => type.IsAssignableFrom(candidate)));
    }

    [Fact]
    public void Grain_interfaces_live_where_clients_can_see_them() => Assert.Empty(Interfaces(s_grains));

    private static IEnumerable<Type> Interfaces(Assembly assembly) => assembly.GetTypes().Where(static type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type));
}
