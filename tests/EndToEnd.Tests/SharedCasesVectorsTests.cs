using System.Diagnostics;
using System.Text.Json;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>Replays the shared folder of small inputs that once failed, as its files name them. Tests in the project's own words stand beside the code they are about.</summary>
public sealed class SharedCasesVectorsTests
{
    private const string Shout = """
        {"name": "shout", "description": "", "nodes": [
          {"id": "word", "block_id": "7fcd3bcb-8e1b-4e69-903d-32d3d4a92158", "input_default": {"name": "word"}},
          {"id": "loud", "block_id": "db7d8f02-2f44-4c55-ab7a-eae0941f0c30", "input_default": {"format": "{{ w|upper }}!"}},
          {"id": "out", "block_id": "363ae599-353e-4804-937e-b2ee3cef3da4", "input_default": {"name": "shout"}}],
         "links": [
          {"source_id": "word", "source_name": "result", "sink_id": "loud", "sink_name": "values_#_w"},
          {"source_id": "loud", "source_name": "output", "sink_id": "out", "sink_name": "value"}]}
        """;

    public static TheoryData<string> Scenarios => Names(folder => Directory.GetFiles(folder, "*.scenario.json").Select(file => Path.GetFileName(file)[..^".scenario.json".Length]));

    public static TheoryData<string> DatabaseUrls => Names(folder => Case(folder, "database-url-malformed-crashes").GetProperty("values").EnumerateArray().Select(value => value.GetString()!));

    public static TheoryData<string> UnwritableOutputs => Names(folder => Case(folder, "output-cannot-be-written-crashes").GetProperty("commands").EnumerateArray().Select(value => value.GetString()!));

    public static TheoryData<string> DataFolders => Names(folder => Case(folder, "data-folder-shell-characters").GetProperty("commands").EnumerateArray().Select(value => value.GetString()!));

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task A_shared_agent_holds_its_scenario(string name)
    {
        var folder = SharedFiles.Require("cases");
        await using var place = await Workplace.CreateAsync();
        var result = await place.RunAsync(Path.Combine(folder, name + ".json"), "--scenario", Path.Combine(folder, name + ".scenario.json"));
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
    }

    [Theory]
    [MemberData(nameof(DatabaseUrls))]
    public async Task A_shared_malformed_database_url_is_refused_in_one_line(string url)
    {
        SharedFiles.Require("cases");
        var folder = Directory.CreateTempSubdirectory("grainflow-test-");
        try
        {
            var agent = Path.Combine(folder.FullName, "shout.json");
            await File.WriteAllTextAsync(agent, Shout, TestContext.Current.CancellationToken);
            var result = await GrainflowProcess.RunAsync(
                new Dictionary<string, string>(StringComparer.Ordinal) { ["DATABASE_URL"] = url, ["GRAINFLOW_DATA"] = folder.FullName }, agent, "--input", "word=x");
            AssertRefusedInOneLine(result.ExitCode, result.Errors);
            Assert.StartsWith("DATABASE_URL ", result.Errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(UnwritableOutputs))]
    public async Task A_shared_command_whose_output_cannot_be_written_ends_without_a_stack_trace(string command)
    {
        SharedFiles.Require("cases");
        await using var place = await Workplace.CreateAsync();
        place.File("shout.json", Shout);
        var (exitCode, errors) = await BashAsync(command, place.Folder, place.Environment);
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        if (!command.Contains("--help", StringComparison.Ordinal)) Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM runs WHERE status = 'COMPLETED'"));
    }

    [Theory]
    [MemberData(nameof(DataFolders))]
    public async Task A_shared_data_folder_works_or_is_refused_before_anything_is_made(string command)
    {
        SharedFiles.Require("cases");
        var folder = Directory.CreateTempSubdirectory("grainflow-test-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "shout.json"), Shout, TestContext.Current.CancellationToken);
            var parent = Path.Combine(folder.FullName, "DATA");
            // The folder's name is all that differs between the commands; some leave out the rest.
            var complete = command.Replace("...", "shout.json --input word=x", StringComparison.Ordinal);
            var (exitCode, errors) = await BashAsync(complete, folder.FullName, new Dictionary<string, string>(StringComparer.Ordinal));
            Assert.Empty(Directory.GetFiles(folder.FullName, "pwned", SearchOption.AllDirectories));
            Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
            if (exitCode == 0) return;
            AssertRefusedInOneLine(exitCode, errors);
            Assert.False(Directory.Exists(parent) && Directory.EnumerateFileSystemEntries(parent).Any(), errors);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Rows for a theory; one row that skips where the shared folder is absent.</summary>
    private static TheoryData<string> Names(Func<string, IEnumerable<string>> read) =>
        SharedFiles.Find() is { } shared && Directory.Exists(Path.Combine(shared, "cases")) ? [.. read(Path.Combine(shared, "cases"))] : ["(the shared folder is absent)"];

    private static JsonElement Case(string folder, string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, name + ".json"))).RootElement;

    private static void AssertRefusedInOneLine(int exitCode, string errors)
    {
        Assert.Equal(1, exitCode);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Runs a command line in a folder where <c>./run</c> is the project's.</summary>
    private static async Task<(int ExitCode, string Errors)> BashAsync(string command, string folder, IReadOnlyDictionary<string, string> environment)
    {
        File.CreateSymbolicLink(Path.Combine(folder, "run"), Path.Combine(Repository.Root, "run"));
        var start = new ProcessStartInfo("bash") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        start.Environment.Remove("DATABASE_URL");
        start.Environment["GRAINFLOW_PROGRAM"] = Path.Combine(AppContext.BaseDirectory, "Grainflow.Silo.dll");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start.");
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        await output;
        return (process.ExitCode, await errors);
    }
}
