using Grainflow.Blocks.Tests.Fakes;

namespace Grainflow.Blocks.Tests.Logic;

public sealed class ConditionTests
{
    [Theory]
    [InlineData("\"nan\"", "==", "\"nan\"", "result=false no_output=null")]
    [InlineData("\"nan\"", "!=", "5", "result=true yes_output=null")]
    [InlineData("\"nan\"", "<", "5", "result=false no_output=5")]
    [InlineData("\"-inf\"", "<", "-1e308", "result=true yes_output=null")]
    [InlineData("\"inf\"", "==", "\"Infinity\"", "result=true yes_output=null")]
    [InlineData("\" 07 \"", "==", "7", "result=true yes_output=7.0")]
    [InlineData("\" a \"", "==", "\"a\"", "result=true yes_output=\"a\"")]
    [InlineData("5", ">=", "\"x\"", "!Execution: Comparison failed: '>=' not supported between instances of 'int' and 'str'")]
    [InlineData("{}", "<", "{}", "!Execution: Comparison failed: '<' not supported between instances of 'dict' and 'dict'")]
    [InlineData("9007199254740993", ">", "9007199254740992", "result=true yes_output=9007199254740993")]
    public async Task Compares_as_the_contract_says(string value1, string comparison, string value2, string expected)
    {
        var outputs = await BlockResults.RunAsync("ConditionBlock", $$"""{"value1": {{value1}}, "operator": "{{comparison}}", "value2": {{value2}}}""");

        Assert.Equal(expected, string.Join(' ', outputs));
    }
}
