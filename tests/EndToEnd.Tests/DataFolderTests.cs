using Grainflow.EndToEnd.Tests.Support;

namespace Grainflow.EndToEnd.Tests;

/// <summary>Folders with a private PostgreSQL, whose programs pass paths through a shell.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-test-").FullName;
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal) { ["PG_PROFILE"] = "test" };

    public DataFolderTests()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "run"), Path.Combine(Repository.Root, "run"));
        File.WriteAllText(Path.Combine(_folder, "shout.json"), Readme.Saved("shout.json"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Works => new()
    {
        "a$(touch pwned)b`touch pwned`c",
        "dol$lar \"double\" 'single' back\\slash % ü & ; #",
        "-",
        $"{new string('l', 250)}/{new string('o', 250)}/{new string('n', 250)}/{new string('g', 250)}",
    };

    [Theory]
    [MemberData(nameof(Works))]
    public async Task A_folder_of_any_printable_name_works_and_nothing_in_its_name_is_executed(string name)
    {
        var result = await RunAsync(name);

        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal("""{"answer":["X!"]}""", result.OutputsJson);
        Assert.Empty(Directory.EnumerateFiles(_folder, "pwned", SearchOption.AllDirectories));
        Assert.True(File.Exists(Path.Combine(_folder, name, "postgres", "PG_VERSION")));
        // The server was stopped, and its folder below /tmp removed.
        Assert.False(File.Exists(Path.Combine(_folder, name, "postgres", "postmaster.pid")));
        Assert.False(File.Exists(Path.Combine(_folder, name, "postgres.socket")));
    }

    [Theory]
    [InlineData("line\nfeed", "a line feed")]
    [InlineData("end\n", "a line feed")]
    [InlineData("carriage\rreturn", "a carriage return")]
    [InlineData("ta\tb", "a tab")]
    [InlineData("e\u001bscape", "the control character U+001B")]
    public async Task A_control_character_is_refused_by_name_before_anything_is_made(string name, string character)
    {
        var result = await RunAsync(name);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($" has {character} in its path: choose another one with --data.", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(["run", "shout.json"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--data $'x\\xff' shout.json --input word=x", @"x\377")]
    [InlineData("--data data shout.json --input word=$'x\\xff'", @"word=x\377")]
    [InlineData("--data data shout.json --scenario $'\\xc3'", @"\303")]
    public async Task An_argument_with_bytes_that_are_not_UTF_8_is_refused_before_anything_is_made(string arguments, string shown)
    {
        await using var process = GrainflowProcess.StartShell(_environment, _folder, "./run " + arguments);
        var result = await process.EndAsync();
        Assert.Equal((2, $"run: The argument $'{shown}' has bytes that are not UTF-8. See ./run --help."), (result.ExitCode, result.Errors.TrimEnd()));
        Assert.False(Directory.Exists(Path.Combine(_folder, "data")));
    }

    [Fact]
    public async Task A_folder_below_one_whose_name_is_not_UTF_8_is_refused()
    {
        // The shell removes the folder, whose name .NET cannot have; rmdir fails when something was made in it.
        await using var process = GrainflowProcess.StartShell(
            _environment, _folder, "mkdir $'x\\xff' && cd $'x\\xff'; ../run --data data ../shout.json --input word=x; code=$?; cd .. && rmdir $'x\\xff' && exit $code");
        var result = await process.EndAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("has bytes that are not UTF-8 in its path", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_while_the_database_is_being_made_ends_the_command_and_the_next_one_makes_it()
    {
        await using (var interrupted = GrainflowProcess.StartShell(_environment, _folder, "exec ./run --data data shout.json --input word=x"))
        {
            await interrupted.SaysAsync("Making a database in ");
            await interrupted.SignalAsync("TERM");
            var result = await interrupted.EndAsync();
            Assert.Equal((130, "", "Interrupted before anything was run."), (result.ExitCode, result.Output, result.LastError));
            Assert.False(File.Exists(Path.Combine(_folder, "data", "postgres", "postmaster.pid")));
        }

        Assert.Equal("COMPLETED", (await RunAsync("data")).Status);
    }

    [Theory]
    [InlineData("shout.json", "is not a folder")]
    [InlineData("shout.json/below", "cannot be made (Not a directory)")]
    public async Task What_cannot_be_a_folder_is_named(string name, string reason)
    {
        var result = await RunAsync(name);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal($"The data folder {_folder}/{name} {reason}: choose another one with --data.", result.Errors.TrimEnd());
    }

    [Theory]
    [InlineData("--data")]
    [InlineData("--data ''")]
    [InlineData("--data=")]
    [InlineData("--data --json")]
    public async Task An_option_without_a_folder_is_a_wrong_command_line(string option)
    {
        await using var process = GrainflowProcess.StartShell(_environment, _folder, "./run shout.json " + option);
        var result = await process.EndAsync();
        Assert.Equal((2, "run: --data needs a folder. See ./run --help."), (result.ExitCode, result.Errors.TrimEnd()));
        Assert.False(Directory.Exists(Path.Combine(_folder, "--json")));
    }

    [Fact]
    public async Task A_wrong_setting_leaves_no_database_behind()
    {
        _environment["ENABLE_CREDIT"] = "perhaps";
        var result = await RunAsync("data");
        Assert.Equal((1, "ENABLE_CREDIT is 'perhaps'; it must be true or false."), (result.ExitCode, result.LastError));
        Assert.False(File.Exists(Path.Combine(_folder, "data", "postgres", "postmaster.pid")));
    }

    private async Task<ProcessResult> RunAsync(string name)
    {
        _environment["NAME"] = name;
        await using var process = GrainflowProcess.StartShell(_environment, _folder, "./run --data \"$NAME\" shout.json --input word=x");
        return await process.EndAsync();
    }
}
