using System.Text.Json;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary>The recorded cases of the command line, replayed with their own values and commands.</summary>
public sealed class CommandLineCaseVectorsTests
{
    [Fact]
    public async Task Every_malformed_database_address_is_refused_in_one_line()
    {
        var values = Case("database-url-malformed-crashes").GetProperty("values").EnumerateArray().Select(value => value.GetString()!).ToList();
        await using var place = await PlaceAsync();
        foreach (var value in values)
        {
            place.Environment["DATABASE_URL"] = value;
            var result = await place.ShellAsync("./run shout.json --input word=x");
            result.AssertNoTrace();
            Assert.Equal(1, result.ExitCode);
            Assert.StartsWith("DATABASE_URL is '", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_output_that_cannot_be_written_crashes()
    {
        var commands = Case("output-cannot-be-written-crashes").GetProperty("commands").EnumerateArray().Select(command => command.GetString()!).ToList();
        await using var place = await PlaceAsync();
        foreach (var command in commands)
        {
            var result = await place.ShellAsync(command);
            result.AssertNoTrace();
            Assert.Equal((command, 1), (command, result.ExitCode));
        }
    }

    [Fact]
    public async Task A_folder_with_characters_of_the_shell_works()
    {
        var commands = Case("data-folder-shell-characters").GetProperty("commands").EnumerateArray().Select(command => command.GetString()!).ToList();
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

    private static JsonElement Case(string name) => JsonElement.Parse(File.ReadAllText(SharedFiles.Require(Path.Combine("cases", name + ".json"))));

    private static async Task<Workplace> PlaceAsync()
    {
        var place = await Workplace.CreateAsync();
        place.File("shout.json", Readme.Saved("shout.json"));
        return place;
    }
}
