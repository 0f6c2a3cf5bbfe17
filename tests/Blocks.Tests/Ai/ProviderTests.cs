using System.Text.Json.Nodes;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;
using Grainflow.TestSupport;

namespace Grainflow.Blocks.Tests.Ai;

/// <summary>Each row of the table of providers (contract: block-tiers, tier 2) against a server that speaks its form.</summary>
public sealed class ProviderTests : IAsyncLifetime
{
    private const string Secret = "sk-very-secret";

    private readonly HttpMessageHandler _transport = ChatModels.CreateTransport();
    private ScriptedModelServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ScriptedModelServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _transport.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("openai", "gpt-4o-mini", "/base/chat/completions", "max_completion_tokens", 16_384, true, "sent", "")]
    [InlineData("anthropic", "claude-3-haiku-20240307", "/base/v1/messages", "max_tokens", 4_096, false, "sent", "")]
    [InlineData("groq", "llama-3.1-8b-instant", "/base/chat/completions", "max_tokens", 8_192, true, "refused", "")]
    [InlineData("ollama", "llama3.3", "/base/api/generate", "options.num_ctx", 8_181, false, "refused", "")]
    [InlineData("open_router", "openai/gpt-oss-20b", "/base/chat/completions", "max_tokens", 32_768, false, "sent", "HTTP-Referer,X-Title")]
    [InlineData("llama_api", "Llama-3.3-8B-Instruct", "/base/chat/completions", "max_tokens", 4_028, false, "sent", "HTTP-Referer,X-Title")]
    [InlineData("aiml_api", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "/base/chat/completions", "max_tokens", 32_768, false, "ignored", "HTTP-Referer,X-Project,X-Title")]
    [InlineData("v0", "v0-1.5-md", "/base/chat/completions", "max_tokens", 64_000, true, "sent", "")]
    public async Task A_row_of_the_table_is_kept_to_the_letter(string provider, string model, string path, string limitField, int limit, bool json, string tools, string headers)
    {
        var tool = new ChatTool("look_up", "Looks up.", JsonValues.Parse("""{"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]}"""));
        var asked = Request(provider, model) with { JsonMode = true, ParallelToolCalls = false };

        var reply = await Models().CompleteAsync(asked, Cancel);
        Assert.Equal(("Hello", 11L, 7L), (reply.Text, reply.InputTokens, reply.OutputTokens));
        var sent = Assert.Single(_server.Requests);
        Assert.Equal(path, sent.Path);
        Assert.Equal(limit, limitField.Split('.').Aggregate(sent.Body, (node, name) => node[name]!).GetValue<int>());
        Assert.Equal(json, sent.Body["response_format"] is not null);
        Assert.True(sent.Streams);
        Assert.Equal(headers, string.Join(',', sent.Headers.Keys.Where(name => name is "HTTP-Referer" or "X-Title" or "X-Project").Order(StringComparer.Ordinal)));
        Assert.Equal(provider != "ollama", sent.Headers.Values.Any(value => value.Contains(Secret, StringComparison.Ordinal)));

        if (tools == "refused")
        {
            var failure = await Assert.ThrowsAsync<ChatModelException>(() => Models().CompleteAsync(asked with { Tools = [tool] }, Cancel));
            Assert.Equal($"{provider} takes no tools. Choose a model of another provider.", failure.Message);
            Assert.Single(_server.Requests);
            return;
        }

        await Models().CompleteAsync(asked with { Tools = [tool] }, Cancel);
        var body = _server.Requests.Last().Body;
        Assert.Equal(tools == "sent", body["tools"] is not null);
        // Models whose names begin with o refuse the field.
        Assert.Equal(tools == "sent" && provider != "anthropic" && !model.StartsWith('o'), body["parallel_tool_calls"] is not null);
        if (tools == "sent")
            Assert.Equal("look_up", (body["tools"]![0]!["function"] ?? body["tools"]![0]!)["name"]!.GetValue<string>());
    }

    public static TheoryData<string, string> Forms => new()
    {
        { "openai", "gpt-4o-mini" },
        { "anthropic", "claude-3-haiku-20240307" },
        { "ollama", "llama3.3" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_stream_gives_what_a_whole_answer_gives(string provider, string model)
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { Text = "Hello, \"world\" ✓", Reasoning = "thought" });

        var streamed = await Models().CompleteAsync(Request(provider, model), Cancel);
        var whole = await Models(options => options with { Streaming = false }).CompleteAsync(Request(provider, model), Cancel);

        Assert.Equal("Hello, \"world\" ✓", streamed.Text);
        Assert.Equal((streamed.Text, streamed.InputTokens, streamed.OutputTokens), (whole.Text, whole.InputTokens, whole.OutputTokens));
        Assert.Equal("thought", streamed.Reasoning);
        Assert.Equal([true, false], _server.Requests.Select(request => request.Streams));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_text_of_a_streamed_answer_is_shown_while_it_comes_and_again_when_it_begins_again(string provider, string model)
    {
        var answers = new Queue<ModelResponse>([new() { Text = "slow down", Status = 429, RetryAfter = "0" }, new() { Text = "Hello, \"world\" ✓", Reasoning = "thought" }]);
        _server.Answer = _ => Task.FromResult(answers.Dequeue());
        var shown = new ShownText();

        var reply = await Models().CompleteAsync(Request(provider, model) with { Partial = new PartialAnswer(shown, "response") }, Cancel);

        Assert.Equal(["begin response", "begin response"], shown.Calls.Where(call => call.StartsWith("begin", StringComparison.Ordinal)));
        var pieces = shown.Calls.SkipWhile(call => call == "begin response").ToList();
        Assert.True(pieces.Count > 1);
        Assert.Equal(reply.Text, string.Concat(pieces));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task An_answer_that_is_not_streamed_is_not_shown_before_it_is_there(string provider, string model)
    {
        var shown = new ShownText();

        await Models(options => options with { Streaming = false }).CompleteAsync(Request(provider, model) with { Partial = new PartialAnswer(shown, "response") }, Cancel);

        Assert.Equal(["begin response"], shown.Calls);
    }

    [Theory]
    [InlineData("openai", "gpt-4o-mini", true, "call_1")]
    [InlineData("openai", "gpt-4o-mini", false, "call_1")]
    [InlineData("anthropic", "claude-3-haiku-20240307", true, "toolu_1")]
    [InlineData("anthropic", "claude-3-haiku-20240307", false, "toolu_1")]
    public async Task Tool_calls_come_whole(string provider, string model, bool streams, string id)
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { ToolCalls = [(id, "look_up", """{"key":"a, \"b\"","n":2}"""), (id + "0", "other", "{}")] });

        var reply = await Models(options => options with { Streaming = streams }).CompleteAsync(Request(provider, model), Cancel);

        Assert.Equal([(id, "look_up"), (id + "0", "other")], reply.ToolCalls.Select(call => (call.Id, call.Name)));
        Assert.Equal("""{"key":"a, \"b\"","n":2}""", JsonValues.Compact(JsonValues.Parse(reply.ToolCalls[0].Arguments)));
        // With Anthropic the text is the name of the tool.
        Assert.Equal(provider == "anthropic" ? "look_up" : "", reply.Text);
    }

    [Fact]
    public async Task Anthropic_gets_the_system_texts_apart_and_neighbours_of_one_role_as_one_message()
    {
        var request = Request("anthropic", "claude-3-haiku-20240307") with
        {
            Messages =
            [
                new("system", "S1"), new("user", "a"), new("user", "b"), new("system", "S2"),
                ChatMessage.Of(JsonValues.Parse("""{"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"x\": 1}"}}]}""")),
                ChatMessage.Of(JsonValues.Parse("""{"role": "tool", "tool_call_id": "c1", "content": "one"}""")),
                ChatMessage.Of(JsonValues.Parse("""{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_2", "content": "two"}]}""")),
                new("user", "c"),
            ],
        };

        await Models().CompleteAsync(request, Cancel);

        var body = Assert.Single(_server.Requests).Body;
        Assert.Equal("S1 S2", body["system"]!.GetValue<string>());
        Assert.Equal(
            """[{"role":"user","content":"ab"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"x":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"one"},{"type":"tool_result","tool_use_id":"toolu_2","content":"two"},{"type":"text","text":"c"}]}]""",
            body["messages"]!.ToJsonString());
    }

    [Fact]
    public async Task Ollama_gets_lists_in_the_notation_of_Python()
    {
        await Models().CompleteAsync(Request("ollama", "llama3.3") with { Messages = [new("user", "it's"), new("system", "S"), new("assistant", "a\nb")] }, Cancel);

        Assert.Equal("['S']\n\n[\"it's\", 'a\\nb']", Assert.Single(_server.Requests).Body["prompt"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_host_of_Ollama_is_the_users_and_reached_only_where_the_operator_allows_it()
    {
        using var guarded = OutgoingHttp.CreateTransport(new OutgoingHttpOptions());
        using var trusting = OutgoingHttp.CreateTransport(new OutgoingHttpOptions { TrustedEndpoints = [_server.Origin] });
        var request = Request("ollama", "llama3.3") with { OllamaHost = _server.Origin };

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => new ChatModels(new ChatModelOptions(), _transport, guarded).CompleteAsync(request, Cancel));

        Assert.Contains("is refused", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TRUST_ENDPOINTS_FOR_REQUESTS", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
        Assert.Equal("Hello", (await new ChatModels(new ChatModelOptions(), _transport, trusting).CompleteAsync(request, Cancel)).Text);
    }

    [Theory]
    [InlineData("openai", "gpt-4o-mini")]
    [InlineData("openai", "qwen3")]
    [InlineData("groq", "llama-3.1-8b-instant")]
    public async Task The_base_url_of_a_credential_comes_before_the_setting_and_leads_only_where_the_operator_allows_it(string provider, string model)
    {
        using var guarded = OutgoingHttp.CreateTransport(new OutgoingHttpOptions());
        using var trusting = OutgoingHttp.CreateTransport(new OutgoingHttpOptions { TrustedEndpoints = [_server.Origin] });
        // The operator's own address is reached whatever it is; the same address in a credential is not.
        var options = new ChatModelOptions { OpenAiBaseUrl = new Uri(_server.Origin + "/setting"), BaseUrls = new Dictionary<string, Uri>(StringComparer.Ordinal) { ["groq"] = new(_server.Origin + "/setting") } };
        var request = Request(provider, model);
        var own = request with { Credential = request.Credential with { BaseUrl = new Uri(_server.Origin + "/own/v1/") } };

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => new ChatModels(options, _transport, guarded).CompleteAsync(own, Cancel));
        Assert.Contains("is refused", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TRUST_ENDPOINTS_FOR_REQUESTS", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);

        Assert.Equal("Hello", (await new ChatModels(options, _transport, trusting).CompleteAsync(own, Cancel)).Text);
        Assert.Equal("Hello", (await new ChatModels(options, _transport, trusting).CompleteAsync(own with { Reasoning = new ReasoningCall(null) }, Cancel)).Text);
        Assert.Equal("Hello", (await new ChatModels(options, _transport, guarded).CompleteAsync(request, Cancel)).Text);
        Assert.Equal(["/own/v1/chat/completions", "/own/v1/responses", "/setting/chat/completions"], _server.Requests.Select(sent => sent.Path));
        Assert.All(_server.Requests, sent => Assert.Equal("Bearer " + Secret, sent.Headers["Authorization"]));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task An_answer_that_stalls_is_a_failure_that_may_be_charged(string provider, string model)
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { Text = "Hello, world", Stalls = true });

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => Models(options => options with { Stall = TimeSpan.FromMilliseconds(100) }).CompleteAsync(Request(provider, model), Cancel));

        Assert.Equal($"{provider} did not answer completely: nothing arrived for 0 seconds. The call may have been received and charged.", failure.Message);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task An_answer_that_is_cut_off_is_a_failure_that_may_be_charged(string provider, string model)
    {
        foreach (var response in new[] { new ModelResponse { Text = "Hello, world", CutsOff = true }, new ModelResponse { Text = "Hello, world", EndsEarly = true } })
        {
            _server.Answer = _ => Task.FromResult(response);

            var failure = await Assert.ThrowsAsync<ChatModelException>(() => Models().CompleteAsync(Request(provider, model), Cancel));

            Assert.StartsWith($"{provider} did not answer completely: ", failure.Message, StringComparison.Ordinal);
            Assert.EndsWith(". The call may have been received and charged.", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, _server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task An_error_in_the_middle_of_an_answer_is_told_in_the_words_of_the_provider(string provider, string model)
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { Text = "Hello, world", FailsInside = "overloaded, " + Secret });

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => Models().CompleteAsync(Request(provider, model), Cancel));

        Assert.Equal("overloaded, ***", failure.Message);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_cancelled_call_is_not_gone_on_with(string provider, string model)
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { Text = "Hello, world", Stalls = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var call = Models().CompleteAsync(Request(provider, model), stop.Token);
        await _server.Stalled.WaitAsync(Cancel);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        while (_server.Aborted.IsEmpty) await Task.Yield();
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_provider_that_is_asked_too_often_is_asked_again_when_it_says_so(string provider, string model)
    {
        _server.Answer = _ => Task.FromResult(_server.Requests.Count < 3 ? new ModelResponse { Status = 429, Text = "slow down", RetryAfter = "0" } : new ModelResponse { Text = "Hello" });

        var reply = await Models().CompleteAsync(Request(provider, model), Cancel);

        Assert.Equal(("Hello", 2, 3), (reply.Text, reply.Repeats, _server.Requests.Count));
    }

    [Theory]
    [InlineData("openai", "gpt-4o-mini", "600", "slow down. openai asks to come back in 600 seconds.")]
    [InlineData("anthropic", "claude-3-haiku-20240307", "600", "slow down. anthropic asks to come back in 600 seconds.")]
    [InlineData("ollama", "llama3.3", null, "slow down")]
    public async Task A_wait_that_is_too_long_or_not_known_is_not_waited_for(string provider, string model, string? wait, string expected)
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { Status = 429, Text = "slow down", RetryAfter = wait });

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => Models().CompleteAsync(Request(provider, model), Cancel));

        Assert.Equal(expected, failure.Message);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_failure_of_the_server_is_not_repeated(string provider, string model)
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { Status = 500, Text = "boom" });

        var failure = await Assert.ThrowsAsync<ChatModelException>(() => Models().CompleteAsync(Request(provider, model), Cancel));

        Assert.Equal("boom", failure.Message);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_provider_that_lies_about_its_counts_is_not_believed(string provider, string model)
    {
        foreach (var lie in new[] { "-5", "9000000000000000000", "1e300", "\"many\"", "null" })
        {
            _server.Answer = _ => Task.FromResult(new ModelResponse { Text = "Hello", InputTokens = lie, OutputTokens = lie, Cost = "-3" });

            var reply = await Models().CompleteAsync(Request(provider, model), Cancel);

            Assert.InRange(reply.InputTokens, 1, 20);
            Assert.InRange(reply.OutputTokens, 1, 3);
            Assert.Equal(0, reply.CostUsd);
        }
    }

    [Fact]
    public async Task What_a_call_cost_is_read_where_the_provider_says_it()
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { Text = "Hello", Cost = "0.0125" });

        Assert.Equal(0.0125m, (await Models().CompleteAsync(Request("open_router", "openai/gpt-oss-20b"), Cancel)).CostUsd);
    }

    [Fact]
    public async Task A_model_that_may_not_be_streamed_is_asked_without()
    {
        _server.Answer = request => Task.FromResult(request.Streams
            ? new ModelResponse { Status = 400, Text = "Your organization must be verified to stream this model." }
            : new ModelResponse { Text = "Hello" });

        Assert.Equal("Hello", (await Models().CompleteAsync(Request("openai", "gpt-4o-mini"), Cancel)).Text);
        Assert.Equal([true, false], _server.Requests.Select(request => request.Streams));
    }

    [Fact]
    public async Task A_server_that_cannot_stream_answers_whole()
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { Text = "Hello", IgnoresStream = true });

        foreach (var form in Forms) Assert.Equal("Hello", (await Models().CompleteAsync(Request(form.Data.Item1, form.Data.Item2), Cancel)).Text);
    }

    [Theory]
    [InlineData(true, "low")]
    [InlineData(false, null)]
    public async Task Code_comes_by_the_Responses_API(bool streams, string? effort)
    {
        _server.Answer = _ => Task.FromResult(new ModelResponse { Text = "print(1)", Reasoning = "easy" });
        var request = Request("openai", "gpt-5.1-codex") with { Messages = [new("system", "S"), new("user", "Write")], MaxTokens = 2048, Reasoning = new ReasoningCall(effort) };

        var reply = await Models(options => options with { Streaming = streams }).CompleteAsync(request, Cancel);

        Assert.Equal(("print(1)", "easy", "resp_1", 11L, 7L), (reply.Text, reply.Reasoning, reply.Id, reply.InputTokens, reply.OutputTokens));
        var sent = Assert.Single(_server.Requests);
        Assert.Equal("/base/responses", sent.Path);
        var body = (JsonObject)sent.Body;
        body.Remove("stream");
        Assert.Equal(
            $$"""{"model":"gpt-5.1-codex","input":"Write","instructions":"S","max_output_tokens":2048{{(effort is null ? "" : ",\"reasoning\":{\"effort\":\"low\"}")}}}""",
            body.ToJsonString());
    }

    private ChatModels Models(Func<ChatModelOptions, ChatModelOptions>? change = null)
    {
        var address = new Uri(_server.Origin + "/base");
        var options = new ChatModelOptions
        {
            OpenAiBaseUrl = address,
            BaseUrls = ChatModelOptions.Providers.ToDictionary(provider => provider, _ => address, StringComparer.Ordinal),
        };
        return new ChatModels(change?.Invoke(options) ?? options, _transport, _transport);
    }

    private static ChatRequest Request(string provider, string model) => new()
    {
        Model = model,
        Messages = [new ChatMessage("system", "Be kind"), new ChatMessage("user", "Hi")],
        OllamaHost = "localhost:11434",
        Credential = new Credential("cred-1", provider, "api_key", Secret),
    };

    private sealed class ShownText : IPartialText
    {
        public List<string> Calls { get; } = [];

        public void Begin(string pin) => Calls.Add("begin " + pin);

        public void Append(string text) => Calls.Add(text);
    }
}
