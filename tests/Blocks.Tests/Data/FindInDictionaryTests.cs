using Grainflow.Blocks.Tests.Fakes;

namespace Grainflow.Blocks.Tests.Data;

public sealed class FindInDictionaryTests
{
    [Theory]
    [InlineData("{\"a\": 1}", "\"keys\"", "missing={\"a\":1}")]
    [InlineData("{\"1\": 1}", "1", "missing={\"1\":1}")]
    [InlineData("[5, 6]", "1.0", "output=6")]
    [InlineData("[5, 6]", "9999999999999", "missing=[5,6]")]
    [InlineData("[{\"k\": null}, 5, {\"k\": 2}]", "\"k\"", "output=[null,2]")]
    [InlineData("\"{\\\"a\\\": [1]}\"", "\"b\"", "missing=\"{\\\"a\\\": [1]}\"")]
    public async Task Finds_members_elements_and_fields(string searched, string key, string expected) =>
        Assert.Equal([expected], await BlockResults.RunAsync("FindInDictionaryBlock", $$"""{"input": {{searched}}, "key": {{key}}}"""));
}
