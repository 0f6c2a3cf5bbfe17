using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>Replays the scenarios of the shared folder of small inputs that once failed. Tests in the project's own words stand beside the code they are about.</summary>
public sealed class SharedCasesVectorsTests
{
    public static TheoryData<string> Scenarios => Names(folder => Directory.GetFiles(folder, "*.scenario.json").Select(file => Path.GetFileName(file)[..^".scenario.json".Length]));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_shared_agent_holds_its_scenario(string name)
    {
        var folder = SharedFiles.Require("cases");
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Path.Combine(folder, name + ".json"), "--scenario", Path.Combine(folder, name + ".scenario.json"));
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
    }

    /// <summary>Rows for a theory; one row that skips where the shared folder is absent.</summary>
    private static TheoryData<string> Names(Func<string, IEnumerable<string>> read) =>
        SharedFiles.Find() is { } shared && Directory.Exists(Path.Combine(shared, "cases")) ? [.. read(Path.Combine(shared, "cases"))] : ["(the shared folder is absent)"];
}
