using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>
/// Replays the shared folder of small inputs that once failed, with their own values and commands. Tests in the project's own words stand beside the code
/// they are about.
/// </summary>
public sealed class SharedCasesVectorsTests
{
    private const string ScenarioEnding = ".scenario.json";

    /// <summary>Every file of the folder; one row that skips where the folder is absent.</summary>
    public static TheoryData<string> Files =>
        SharedFiles.Find() is { } shared && Directory.Exists(Path.Combine(shared, "cases"))
            ? [.. Directory.GetFiles(Path.Combine(shared, "cases")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
            : ["(the shared folder is absent)"];

    [Theory(Explicit = true)]
    [MemberData(nameof(Files))]
    public async Task A_shared_case_is_right(string file)
    {
        var path = Path.Combine(SharedFiles.Require("cases"), file);
        if (file.EndsWith(ScenarioEnding, StringComparison.Ordinal))
            await AssertScenarioHoldsAsync(path[..^ScenarioEnding.Length] + ".json", path);
        else if (!File.Exists(Path.ChangeExtension(path, ScenarioEnding)))
            await AssertCommandAsync(Path.GetFileNameWithoutExtension(file), JsonElement.Parse(await File.ReadAllTextAsync(path)));
    }

    private static Task AssertCommandAsync(string name, JsonElement shared) => name switch
    {
        "data-folder-shell-characters" => AssertFoldersWorkAsync(Texts(shared, "commands")),
        "database-url-malformed-crashes" => AssertAddressesAreRefusedAsync(Texts(shared, "values")),
        "interrupt-message-wrong-while-server-runs-it" => AssertRunGoesOnAtTheServerAsync(),
        "output-cannot-be-written-crashes" => AssertLostOutputIsOneLineAsync(Texts(shared, "commands")),
        "scenario-file-with-byte-order-mark-refused" => AssertEncodingsAreReadAsync(),
        _ => throw new NotSupportedException($"No test knows the shared case {name}: add what is right to {nameof(SharedCasesVectorsTests)}."),
    };

    private static async Task AssertScenarioHoldsAsync(string agent, string scenario)
    {
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(agent, "--scenario", scenario);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
    }

    private static async Task AssertFoldersWorkAsync(IEnumerable<string> commands)
    {
        await using var place = await PlaceAsync();
        place.Environment.Remove("DATABASE_URL");
        place.Environment["PG_PROFILE"] = "test";
        foreach (var command in commands)
        {
            var result = await place.ShellAsync(command.Replace("...", "shout.json --input word=x", StringComparison.Ordinal));
            Assert.True(result.ExitCode == 0, command + "\n" + result.Errors);
            Assert.Equal("COMPLETED", result.Status);
            Assert.Empty(Directory.EnumerateFiles(place.Folder, "pwned", SearchOption.AllDirectories));
        }
    }

    private static async Task AssertAddressesAreRefusedAsync(IEnumerable<string> values)
    {
        await using var place = await PlaceAsync();
        foreach (var value in values)
        {
            place.Environment["DATABASE_URL"] = value;
            var result = await place.ShellAsync("./run shout.json --input word=x");
            result.AssertNoTrace();
            Assert.Equal((value, 1), (value, result.ExitCode));
            Assert.StartsWith("DATABASE_URL is '", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        }
    }

    private static async Task AssertRunGoesOnAtTheServerAsync()
    {
        await using var place = await Workplace.CreateAsync();
        var port = FreePorts.Pair();
        await using var server = await RunningServer.StartAsync(place, port);
        var guests = new JsonArray([.. Enumerable.Range(0, 3000).Select(number => (JsonNode)$"guest {number}")]);
        await using var command = GrainflowProcess.StartInterruptible(place.Environment, Repository.Example("invitations.json"), "--input", "guests=" + guests.ToJsonString());
        await command.SaysAsync("start ");

        await command.SignalAsync("INT");
        var result = await command.EndAsync();

        Assert.Equal(130, result.ExitCode);
        var run = (await server.GetAsync("/api/executions"))[0];
        Assert.Contains($"Interrupted. Run {run.GetProperty("id")} goes on at http://127.0.0.1:{port}.", result.Errors, StringComparison.Ordinal);
        Assert.Equal("COMPLETED", await server.EndOfAsync(run.GetProperty("graph_id").GetString()!, run.GetProperty("id").GetString()!));
    }

    private static async Task AssertLostOutputIsOneLineAsync(IEnumerable<string> commands)
    {
        await using var place = await PlaceAsync();
        foreach (var command in commands)
        {
            var result = await place.ShellAsync(command);
            result.AssertNoTrace();
            Assert.Equal((command, 1), (command, result.ExitCode));
            if (!command.Contains("2>", StringComparison.Ordinal)) Assert.Contains("could not be written", result.LastError, StringComparison.Ordinal);
        }

        Assert.Equal(commands.Count(command => command.Contains("shout.json", StringComparison.Ordinal)), await place.CountAsync("SELECT count(*) FROM runs WHERE status = 'COMPLETED'"));
    }

    private static async Task AssertEncodingsAreReadAsync()
    {
        await using var place = await PlaceAsync();
        // The mark of UTF-8, and the UTF-16 with a mark that iconv writes.
        foreach (var encoding in new Encoding[] { new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), Encoding.Unicode })
        {
            await File.WriteAllTextAsync(Path.Combine(place.Folder, "shout.scenario.json"), Readme.Saved("shout.scenario.json"), encoding);
            var result = await place.ShellAsync("./run shout.json --scenario shout.scenario.json");
            Assert.True(result.ExitCode == 0, encoding.WebName + "\n" + result.Output + result.Errors);
        }
    }

    private static List<string> Texts(JsonElement shared, string member) => [.. shared.GetProperty(member).EnumerateArray().Select(text => text.GetString()!)];

    private static async Task<Workplace> PlaceAsync()
    {
        var place = await Workplace.CreateAsync();
        place.File("shout.json", Readme.Saved("shout.json"));
        return place;
    }
}
