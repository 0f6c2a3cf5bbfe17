namespace Grainflow.Blocks.Tests.Integrations;

public sealed class JinaTests
{
    [Fact]
    public async Task A_statement_is_checked_with_its_sources()
    {
        var run = VendorRun.Of("""{"data": {"factuality": 0.9, "result": true, "reason": "so it is", "references": [{"url": "https://a.test", "keyQuote": "q", "isSupportive": true}]}}""");

        Assert.Equal(
            ["factuality=0.9", "result=true", "reason=\"so it is\"", """references=[{"url":"https://a.test","keyQuote":"q","isSupportive":true}]"""],
            await run.RunAsync("FactCheckerBlock", """{"statement": "Is 1/2 < 1?"}"""));
        Assert.Equal(["GET https://g.jina.ai/Is%201/2%20%3C%201%3F"], run.Sent());
    }

    [Fact]
    public async Task Tokens_are_asked_for_and_joined_over_all_texts()
    {
        var run = VendorRun.Of("""{"chunks": ["a"], "tokens": [[["a", [1]]]]}""", """{"chunks": ["b"], "tokens": [[["b", [2]]]]}""");

        Assert.Equal(
            ["""chunks=["a","b"]""", """tokens=[[["a",[1]]],[["b",[2]]]]"""],
            await run.RunAsync("JinaChunkingBlock", """{"texts": ["a", "b"], "return_tokens": true, "max_chunk_length": 5}"""));
        Assert.Equal("""POST https://segment.jina.ai/ {"content":"b","return_tokens":"true","return_chunks":"true","max_chunk_length":"5"}""", run.Sent()[1]);
    }

    [Fact]
    public async Task A_failed_search_says_that_it_is_one() =>
        Assert.Equal(
            ["!Execution: Search failed: Jina answered 402: no balance"],
            await VendorRun.Of("""{"status": 402, "body": {"message": "no balance"}}""").RunAsync("SearchTheWebBlock", """{"query": "q"}"""));
}
