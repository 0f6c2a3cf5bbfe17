using Grainflow.EndToEnd.Tests.Support;

namespace Grainflow.EndToEnd.Tests;

/// <summary>Standard output or standard error is full, closed, or a pipe that nobody reads.</summary>
public sealed class LostOutputTests
{
    private const string Run = "./run shout.json --input word=x";

    [Theory]
    [InlineData(Run + " > /dev/full", "No space left on device")]
    [InlineData(Run + " --json > /dev/full", "No space left on device")]
    [InlineData(Run + " >&-", "Bad file descriptor")]
    [InlineData(Run + " >&- <&-", "Bad file descriptor")]
    [InlineData("set -o pipefail; " + Run + " | true", "Broken pipe")]
    public async Task A_result_that_cannot_be_written_is_an_error_although_the_run_is_done(string command, string reason)
    {
        await using var place = await PlaceAsync();
        var result = await place.ShellAsync(command);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Matches($"^The result could not be written to standard output: {reason}. Run [0-9a-f-]{{36}} itself is done: COMPLETED.$", result.LastError);
        result.AssertNoTrace();
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM runs WHERE status = 'COMPLETED'"));
    }

    [Theory]
    [InlineData(Run + " 2> /dev/full")]
    [InlineData(Run + " 2>&-")]
    public async Task Progress_that_cannot_be_written_does_not_stop_the_run_and_the_result_is_printed(string command)
    {
        await using var place = await PlaceAsync();
        var result = await place.ShellAsync(command);
        Assert.Equal((1, "COMPLETED"), (result.ExitCode, result.Status));
        result.AssertNoTrace();
    }

    [Fact]
    public async Task With_neither_output_the_run_is_still_done()
    {
        await using var place = await PlaceAsync();
        Assert.Equal((1, "", ""), await OutcomeAsync(place, Run + " >&- 2>&- <&-"));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM runs WHERE status = 'COMPLETED'"));
    }

    [Theory]
    [InlineData("./run --help > /dev/full", "No space left on device")]
    [InlineData("./run --help >&-", "Bad file descriptor")]
    [InlineData("./run shout.json --scenario shout.scenario.json > /dev/full", "No space left on device")]
    [InlineData("set -o pipefail; ./run shout.json --scenario shout.scenario.json | true", "Broken pipe")]
    public async Task Other_output_that_cannot_be_written_is_one_line(string command, string reason)
    {
        await using var place = await PlaceAsync();
        var result = await place.ShellAsync(command);
        Assert.Equal((1, $"Standard output could not be written: {reason}."), (result.ExitCode, result.LastError));
        result.AssertNoTrace();
    }

    [Fact]
    public async Task A_reader_of_the_first_line_of_the_help_is_no_error()
    {
        await using var place = await PlaceAsync();
        Assert.Equal((0, "Grainflow runs agents: graphs of blocks, durably.\n", ""), await OutcomeAsync(place, "set -o pipefail; ./run --help | head -1"));
    }

    private static async Task<(int ExitCode, string Output, string Errors)> OutcomeAsync(Workplace place, string command)
    {
        var result = await place.ShellAsync(command);
        return (result.ExitCode, result.Output, result.Errors);
    }

    private static async Task<Workplace> PlaceAsync()
    {
        var place = await Workplace.CreateAsync();
        place.File("shout.json", Readme.Saved("shout.json"));
        place.File("shout.scenario.json", Readme.Saved("shout.scenario.json"));
        return place;
    }
}
