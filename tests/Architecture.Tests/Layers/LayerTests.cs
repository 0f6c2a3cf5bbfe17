using System.Reflection;

namespace Grainflow.Architecture.Tests.Layers;

/// <summary>The last column of the design's table of parts: who may use whom.</summary>
public sealed class LayerTests
{
    public static TheoryData<string, string[]> Parts => new()
    {
        { "Grainflow.Engine", [] },
        { "Grainflow.Templates", ["Grainflow.Engine"] },
        { "Grainflow.Blocks", ["Grainflow.Engine", "Grainflow.Templates"] },
        { "Grainflow.Storage", ["Grainflow.Engine"] },
        { "Grainflow.Grains.Interfaces", ["Orleans"] },
        { "Grainflow.Grains", ["Orleans", "Grainflow.Grains.Interfaces", "Grainflow.Engine", "Grainflow.Blocks", "Grainflow.Storage"] },
        { "Grainflow.Gateway", ["Orleans", "Grainflow.Grains.Interfaces", "Grainflow.Storage", "Grainflow.Blocks", "Grainflow.Engine"] },
        // Orleans' generator adds its attributes to whatever sees a grain interface.
        { "Grainflow.Console", ["Orleans", "Grainflow.Gateway", "Grainflow.Grains.Interfaces", "Grainflow.Storage", "Grainflow.Engine"] },
        { "Grainflow.Silo", ["Orleans", "Grainflow.Console", "Grainflow.Gateway", "Grainflow.Grains", "Grainflow.Grains.Interfaces", "Grainflow.Engine", "Grainflow.Blocks", "Grainflow.Storage"] },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_part_uses_only_the_parts_below_it(string part, string[] allowed)
    {
        var used = Assembly.Load(part).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => name.StartsWith("Grainflow.", StringComparison.Ordinal) || name.StartsWith("Orleans", StringComparison.Ordinal))
            .Where(name => !allowed.Contains(name) && !(name.StartsWith("Orleans", StringComparison.Ordinal) && allowed.Contains("Orleans")));
        Assert.Empty(used);
    }

    /// <summary>Cron and time zones are computed by libraries that are pure, as the Engine is (docs/adr/0026).</summary>
    [Fact]
    public void The_engine_uses_nothing_but_the_base_library_and_the_calendar()
    {
        var used = Assembly.Load("Grainflow.Engine").GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name is not ("NCrontab" or "NodaTime"));
        Assert.Empty(used);
    }

    /// <summary>Of the engine templates need Python's rules of text and numbers, and nothing else (docs/adr/0020).</summary>
    [Fact]
    public void Templates_use_only_the_value_rules_of_the_engine()
    {
        var used = CalledMembers.Of("Grainflow.Templates").Where(member => member.StartsWith("Grainflow.", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(used);
        Assert.DoesNotContain(used, member => !member.StartsWith("Grainflow.Engine.Values.Python", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void Only_the_host_knows_who_collects_traces_and_metrics(string part, string[] allowed)
    {
        Assert.NotNull(allowed);
        if (part != "Grainflow.Silo") Assert.DoesNotContain(Assembly.Load(part).GetReferencedAssemblies(), reference => reference.Name!.StartsWith("OpenTelemetry", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void No_part_keeps_static_state_that_changes(string part, string[] allowed)
    {
        Assert.NotNull(allowed);
        var fields = Assembly.Load(part).GetTypes()
            .Where(type => !CodeOfTheCompiler(type))
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => field is { IsInitOnly: false, IsLiteral: false } && !field.Name.StartsWith('<'))
            .Select(field => $"{field.DeclaringType}.{field.Name}");
        Assert.Empty(fields);
    }

    private static bool CodeOfTheCompiler(Type type) =>
        type.Name.StartsWith('<') || (type.FullName?.Contains(".Generated.", StringComparison.Ordinal) ?? false) || (type.DeclaringType is { } outer && CodeOfTheCompiler(outer));
}
