using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Several_inputs_may_follow_one_option_or_each_have_their_own()
    {
        var together = CliOptions.Parse(["a.json", "--input", "x=1", "y=2"]);
        var apart = CliOptions.Parse(["a.json", "--input", "x=1", "--input=y=2"]);
        Assert.Equal(together.Inputs, apart.Inputs);
        Assert.Equal([new CliInput("x", "1", false), new CliInput("y", "2", false)], together.Inputs);
    }

    [Theory]
    [InlineData("a=b=c", "a", "b=c", false)]
    [InlineData("a=", "a", "", false)]
    [InlineData("a:=[1]", "a", "[1]", true)]
    [InlineData("Business Name=Acme", "Business Name", "Acme", false)]
    public void An_input_is_cut_at_its_first_sign(string text, string name, string value, bool json) =>
        Assert.Equal(new CliInput(name, value, json), CliInput.Parse(text));

    [Theory]
    [InlineData("=x")]
    [InlineData(":=x")]
    public void An_input_without_a_name_is_refused(string text) =>
        Assert.Equal(ExitCodes.Usage, Assert.Throws<CliException>(() => CliInput.Parse(text)).ExitCode);

    [Fact]
    public void A_scenario_with_inputs_is_refused_because_the_cases_have_their_own() =>
        Assert.Contains("exclude each other", Assert.Throws<CliException>(() => CliOptions.Parse(["a.json", "--scenario", "s.json", "--input", "x=1"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("--json=false", "--json takes no value, but 'false' is given.")]
    [InlineData("--port=0", "--port 0: a port is a number from 1 to 65535.")]
    [InlineData("--port=65536", "--port 65536: a port is a number from 1 to 65535.")]
    [InlineData("--port=+8000", "--port +8000: a port is a number from 1 to 65535.")]
    [InlineData("--port= 8000", "--port  8000: a port is a number from 1 to 65535.")]
    [InlineData("--port=", "--port : a port is a number from 1 to 65535.")]
    [InlineData("--colour=red", "--colour is not an option.")]
    [InlineData("-", "- is not an option.")]
    public void An_option_with_a_wrong_value_is_refused(string argument, string message)
    {
        var refused = Assert.Throws<CliException>(() => CliOptions.Parse([argument]));
        Assert.Equal((ExitCodes.Usage, message + " See ./run --help."), (refused.ExitCode, refused.Message));
    }

    [Fact]
    public void A_case_without_a_scenario_is_refused() =>
        Assert.Contains("--case needs --scenario", Assert.Throws<CliException>(() => CliOptions.Parse(["a.json", "--case", "x"])).Message, StringComparison.Ordinal);
}
