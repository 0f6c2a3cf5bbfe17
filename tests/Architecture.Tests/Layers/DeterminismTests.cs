namespace Grainflow.Architecture.Tests.Layers;

/// <summary>Decisions do not read the wall clock, sleep, or draw at random: TimeProvider and injected sources do.</summary>
public sealed class DeterminismTests
{
    private static readonly string[] Everywhere =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now",
        "System.DateTimeOffset.get_UtcNow", "System.Threading.Thread.Sleep", "System.Random.get_Shared",
    ];

    private static readonly string[] InTheEngine =
    [
        .. Everywhere, "System.Guid.NewGuid", "System.Random..ctor", "System.Threading.Tasks.Task.Delay", "System.Threading.Tasks.Task.Run",
        "System.Environment.GetEnvironmentVariable", "System.Security.Cryptography.RandomNumberGenerator.Fill", "System.TimeProvider.get_System",
    ];

    [Theory]
    [InlineData("Grainflow.Engine")]
    [InlineData("Grainflow.Templates")]
    [InlineData("Grainflow.Grains")]
    [InlineData("Grainflow.Blocks")]
    [InlineData("Grainflow.Storage")]
    public void No_part_reads_the_wall_clock(string part) =>
        Assert.Empty(CalledMembers.Of(part).Intersect(part == "Grainflow.Engine" ? InTheEngine : Everywhere));

    [Theory]
    [InlineData("System.IO.File")]
    [InlineData("System.Net.")]
    [InlineData("System.Console")]
    [InlineData("System.Diagnostics.Process")]
    public void The_engine_does_no_input_or_output(string namesake) =>
        Assert.DoesNotContain(CalledMembers.Of("Grainflow.Engine"), member => member.StartsWith(namesake, StringComparison.Ordinal));

    /// <summary>A template cannot reach the host: there is nothing in the project that could.</summary>
    [Theory]
    [InlineData("System.IO.")]
    [InlineData("System.Net.")]
    [InlineData("System.Environment.Get")]
    [InlineData("System.Console")]
    [InlineData("System.Reflection.M")]
    [InlineData("System.Activator")]
    [InlineData("System.Diagnostics.Process")]
    public void Templates_reach_nothing_outside_themselves(string namesake) =>
        Assert.DoesNotContain(
            CalledMembers.Of("Grainflow.Templates"),
            member => member.StartsWith(namesake, StringComparison.Ordinal) && member != "System.Net.WebUtility.HtmlDecode");
}
