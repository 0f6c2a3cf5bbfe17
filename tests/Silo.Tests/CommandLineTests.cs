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

    [Fact]
    public void A_case_without_a_scenario_is_refused() =>
        Assert.Contains("--case needs --scenario", Assert.Throws<CliException>(() => CliOptions.Parse(["a.json", "--case", "x"])).Message, StringComparison.Ordinal);
}
