using Grainflow.Blocks.Tests.Fakes;

namespace Grainflow.Blocks.Tests.Data;

public sealed class CreateListTests
{
    [Theory]
    [InlineData("\"max_tokens\": 3", "list=[\"abcd\",\"efgh\"] list=[\"12345678\"] list=[{\"k\":1}] list=[\"a\"]")]
    [InlineData("\"max_tokens\": 1", "list=[\"abcd\"] list=[\"efgh\"] list=[\"12345678\"] list=[{\"k\":1}] list=[\"a\"]")]
    [InlineData("\"max_tokens\": 100, \"max_size\": 4", "list=[\"abcd\",\"efgh\",\"12345678\",{\"k\":1}] list=[\"a\"]")]
    [InlineData("\"max_tokens\": 0, \"max_size\": 0", "list=[\"abcd\",\"efgh\",\"12345678\",{\"k\":1},\"a\"]")]
    public async Task A_chunk_ends_before_it_would_exceed_a_limit(string limits, string expected)
    {
        var outputs = await BlockResults.RunAsync("CreateListBlock", $$$"""{"values": ["abcd", "efgh", "12345678", {"k": 1}, "a"], {{{limits}}}}""");

        Assert.Equal(expected, string.Join(' ', outputs));
    }
}
