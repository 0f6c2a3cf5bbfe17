using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Http;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Ai;

public sealed class ChatModelsTests
{
    private const string Answer = """{"choices": [{"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 11, "completion_tokens": 7}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_sends_the_messages_and_reads_text_and_tokens()
    {
        await using var provider = await ScriptedProvider.StartAsync(Answer);

        var reply = await provider.Models.CompleteAsync(ScriptedProvider.Request(messages: [new("system", "Be kind"), new("user", "Hi \"you\" ✓")]), Cancel);

        Assert.Equal(("Hello", 11L, 7L, 0), (reply.Text, reply.InputTokens, reply.OutputTokens, reply.ToolCalls.Length));
        var request = Assert.Single(provider.Requests);
        Assert.Equal(("POST", "/base/chat/completions", "Bearer " + ScriptedProvider.Secret), (request.Method, request.Target, request.Headers["Authorization"]));
        Assert.Equal(
            """{"model":"gpt-4o-mini","messages":[{"role":"system","content":"Be kind"},{"role":"user","content":"Hi \"you\" ✓"}],"max_completion_tokens":16384,"stream":true,"stream_options":{"include_usage":true}}""",
            JsonValues.Compact(provider.SentBody));
    }

    [Theory]
    [InlineData("gpt-4o-mini", "max_completion_tokens", 16_384, true, "")]
    [InlineData("llama-3.1-8b-instant", "max_tokens", 8_192, true, "")]
    [InlineData("openai/gpt-oss-20b", "max_tokens", 32_768, false, "HTTP-Referer,X-Title")]
    [InlineData("Llama-3.3-8B-Instruct", "max_tokens", 4_028, false, "HTTP-Referer,X-Title")]
    [InlineData("meta-llama/Llama-3.3-70B-Instruct-Turbo", "max_tokens", 32_768, false, "HTTP-Referer,X-Project,X-Title")]
    [InlineData("v0-1.5-md", "max_tokens", 64_000, true, "")]
    public async Task Providers_differ_in_limit_field_and_headers_and_JSON_mode(string model, string field, int limit, bool json, string headers)
    {
        await using var provider = await ScriptedProvider.StartAsync(Answer);

        await provider.Models.CompleteAsync(ScriptedProvider.Request(model, jsonMode: true), Cancel);

        var body = provider.SentBody;
        Assert.Equal(limit, body.GetProperty(field).GetInt32());
        Assert.Null(body.Member(field == "max_tokens" ? "max_completion_tokens" : "max_tokens"));
        Assert.Equal(json ? "json_object" : null, body.Member("response_format")?.GetProperty("type").GetString());
        var listed = Assert.Single(provider.Requests).Headers.Where(h => h.Key is "HTTP-Referer" or "X-Title" or "X-Project").OrderBy(h => h.Key, StringComparer.Ordinal).ToList();
        Assert.Equal(headers, string.Join(',', listed.Select(h => h.Key)));
        Assert.All(listed, h => Assert.Equal(h.Key == "HTTP-Referer" ? "https://flows.example/" : "Grainflow", h.Value));
    }

    [Theory]
    [InlineData(null, 10, 16_384)]
    [InlineData(100, 10, 100)]
    [InlineData(50_000, 10, 16_384)]
    [InlineData(null, 120_000, 7_996)]
    [InlineData(0, 10, 1)]
    [InlineData(100, 150_000, 1)]
    public async Task The_output_limit_is_the_least_of_window_and_model_and_caller(int? wanted, int words, int expected)
    {
        await using var provider = await ScriptedProvider.StartAsync(Answer);

        await provider.Models.CompleteAsync(ScriptedProvider.Request(maxTokens: wanted, messages: [new("user", string.Concat(Enumerable.Repeat(" word", words)))]), Cancel);

        Assert.Equal(expected, provider.SentBody.GetProperty("max_completion_tokens").GetInt32());
    }

    [Theory]
    [InlineData("""{"choices": [{"message": {"content": null}}]}""", "", 9, 0)]
    [InlineData("""{"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": "many", "completion_tokens": -1}}""", "x", 9, 1)]
    [InlineData("""{"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": 9e15, "completion_tokens": 2.5}}""", "x", 9, 1)]
    [InlineData("""{"choices": [{}], "usage": null}""", "", 9, 0)]
    public async Task What_a_provider_leaves_out_or_cannot_mean_is_empty_or_estimated(string answer, string text, long input, long output)
    {
        await using var provider = await ScriptedProvider.StartAsync(answer);

        var reply = await provider.Models.CompleteAsync(ScriptedProvider.Request(), Cancel);

        Assert.Equal((text, input, output), (reply.Text, reply.InputTokens, reply.OutputTokens));
    }

    [Theory]
    [InlineData("gpt-3.5-turbo", 14, 6)]
    [InlineData("gpt-4o-mini", 10, 3)]
    [InlineData("llama-3.1-8b-instant", 10, 3)]
    public async Task What_a_provider_does_not_count_is_counted_by_the_vocabulary_of_the_model(string model, long input, long output)
    {
        await using var provider = await ScriptedProvider.StartAsync("""{"choices": [{"message": {"content": "你好，世界"}}]}""");

        var reply = await provider.Models.CompleteAsync(ScriptedProvider.Request(model, messages: new ChatMessage("user", "안녕하세요, 반갑습니다")), Cancel);

        Assert.Equal((input, output), (reply.InputTokens, reply.OutputTokens));
    }

    [Fact]
    public async Task The_room_for_an_answer_is_counted_by_the_vocabulary_of_the_model()
    {
        await using var provider = await ScriptedProvider.StartAsync(Answer);

        // 13,500 tokens in cl100k and 9,000 in o200k, of a window of 16,385.
        await provider.Models.CompleteAsync(ScriptedProvider.Request("gpt-3.5-turbo", messages: new ChatMessage("user", string.Concat(Enumerable.Repeat(" Привет", 4_500)))), Cancel);

        Assert.Equal(16_385 - 13_504, provider.SentBody.GetProperty("max_completion_tokens").GetInt32());
    }

    [Theory]
    [InlineData("""{"choices": []}""", "open_router answered without a choice.")]
    [InlineData("""{"error": {"message": "No credits left", "code": 402}}""", "No credits left")]
    [InlineData("<html>", "open_router answered with invalid JSON.")]
    [InlineData("[]", "open_router answered without a choice.")]
    public async Task An_answer_without_a_choice_is_a_failure(string answer, string expected)
    {
        await using var provider = await ScriptedProvider.StartAsync(answer);

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => provider.Models.CompleteAsync(ScriptedProvider.Request("openai/gpt-oss-20b"), Cancel));

        Assert.Equal(expected, failure.Message);
    }

    [Theory]
    [InlineData(400, """{"error": {"message": "This model's maximum context length is 1", "type": "invalid_request_error"}}""", "This model's maximum context length is 1")]
    [InlineData(401, """{"error": {"message": "Incorrect API key provided: sk-very-secret."}}""", "Incorrect API key provided: ***.")]
    [InlineData(429, """{"error": "slow down"}""", "slow down")]
    [InlineData(500, """{"message": "oops"}""", "oops")]
    public async Task A_refusal_is_told_in_the_providers_words_without_the_key_and_not_repeated(int status, string answer, string expected)
    {
        await using var provider = await ScriptedProvider.StartAsync(answer, status);

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => provider.Models.CompleteAsync(ScriptedProvider.Request(), Cancel));

        Assert.Equal(expected, failure.Message);
        Assert.DoesNotContain(ScriptedProvider.Secret, failure.ToString(), StringComparison.Ordinal);
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task A_refusal_without_words_tells_its_status()
    {
        await using var provider = await ScriptedProvider.StartAsync("<html>" + ScriptedProvider.Secret, 503);

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => provider.Models.CompleteAsync(ScriptedProvider.Request(), Cancel));

        Assert.StartsWith("openai failed: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("503", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ScriptedProvider.Secret, failure.ToString(), StringComparison.Ordinal);
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task A_call_that_could_not_be_sent_was_not_charged()
    {
        var server = new RawServer(_ => Task.CompletedTask);
        await server.DisposeAsync();

        var failure = await FailureAsync(server);

        Assert.StartsWith("openai could not be reached: Connection refused", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("charged", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", false)]
    public async Task A_call_that_is_counted_and_not_answered_is_counted_once_and_may_have_been_charged(string answer, bool reset)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.SendAsync(answer);
            if (reset) connection.Reset();
        });

        var failure = await FailureAsync(server);

        Assert.Single(server.Requests);
        Assert.StartsWith("openai did not answer completely: ", failure, StringComparison.Ordinal);
        Assert.EndsWith(". The call may have been received and charged.", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_call_is_lost_or_sent_twice_to_a_provider_that_closes_after_each_answer_without_announcing_it()
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Answer.Length}\r\n\r\n{Answer}");
        });
        using var transport = ChatModels.CreateTransport();
        var models = new ChatModels(new ChatModelOptions { OpenAiBaseUrl = new Uri(server.Origin) }, transport, transport);

        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (_, _) =>
            Assert.Equal("Hello", (await models.CompleteAsync(ScriptedProvider.Request(), Cancel)).Text));

        Assert.Equal(200, server.Requests.Count);
        Assert.Equal(200, server.Requests.DistinctBy(request => request.Connection).Count());
        Assert.All(server.Requests, request => Assert.Contains("\r\nConnection: close\r\n", request.Head, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_in_time_is_a_failure()
    {
        await using var provider = await ScriptedProvider.StartAsync(LoopbackServer.UntilAbortedAsync, TimeSpan.FromMilliseconds(50));

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => provider.Models.CompleteAsync(ScriptedProvider.Request(), Cancel));

        Assert.Equal("openai did not answer within 0 seconds. The call may have been received and charged.", failure.Message);
    }

    [Fact]
    public async Task A_caller_can_cancel()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var provider = await ScriptedProvider.StartAsync(async context =>
        {
            await stop.CancelAsync();
            await LoopbackServer.UntilAbortedAsync(context);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => provider.Models.CompleteAsync(ScriptedProvider.Request(), stop.Token));
    }

    [Fact]
    public async Task A_provider_that_serves_no_models_is_named_with_those_that_do()
    {
        await using var provider = await ScriptedProvider.StartAsync(Answer);
        var request = ScriptedProvider.Request("gpt-9") with { Credential = new Credential("c", "github", "api_key", ScriptedProvider.Secret) };

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => provider.Models.CompleteAsync(request, Cancel));

        Assert.Equal("The provider 'github' serves no models here. Choose a credential of aiml_api, anthropic, groq, llama_api, ollama, open_router, openai, v0.", failure.Message);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task A_key_goes_only_to_its_own_provider()
    {
        await using var provider = await ScriptedProvider.StartAsync(Answer);
        var request = ScriptedProvider.Request() with { Credential = new Credential("c", "groq", "api_key", ScriptedProvider.Secret) };

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => provider.Models.CompleteAsync(request, Cancel));

        Assert.Equal("The model 'gpt-4o-mini' needs a credential for openai, not for groq.", failure.Message);
        Assert.Empty(provider.Requests);
    }

    [Theory]
    [InlineData("gpt-9", "openai", "gpt-9")]
    [InlineData("some/model:free", "open_router", "some/model:free")]
    [InlineData("claude-3-7-sonnet-20250219", "anthropic", "claude-sonnet-4-5-20250929")]
    public async Task Any_model_name_is_taken_and_a_retired_one_is_its_successor(string model, string of, string sent)
    {
        await using var provider = await ScriptedProvider.StartAsync(of == "anthropic" ? """{"content": [{"type": "text", "text": "Hello"}], "type": "message"}""" : Answer);
        var request = ScriptedProvider.Request(model) with { Credential = new Credential("c", of, "api_key", ScriptedProvider.Secret) };

        Assert.Equal("Hello", (await provider.Models.CompleteAsync(request, Cancel)).Text);
        Assert.Equal(sent, provider.SentBody.GetProperty("model").GetString());
    }

    private static async Task<string> FailureAsync(RawServer server)
    {
        using var transport = ChatModels.CreateTransport();
        var models = new ChatModels(new ChatModelOptions { OpenAiBaseUrl = new Uri(server.Origin) }, transport, transport);
        return (await Assert.ThrowsAsync<ChatModelException>(() => models.CompleteAsync(ScriptedProvider.Request(), Cancel))).Message;
    }
}
