using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Grainflow.TestSupport;

/// <summary>A request that <see cref="ScriptedModelServer"/> has received.</summary>
/// <param name="Path">The path.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">The body.</param>
public sealed record ModelRequest(string Path, IReadOnlyDictionary<string, string> Headers, JsonNode Body)
{
    /// <summary>Whether it asks for a stream.</summary>
    public bool Streams => Body["stream"]?.GetValue<bool>() ?? false;

    /// <summary>The texts of its messages.</summary>
    public string Text => Body.ToJsonString();
}

/// <summary>What the server answers.</summary>
public sealed record ModelResponse
{
    /// <summary>The text.</summary>
    public string Text { get; init; } = "";

    /// <summary>What it shows of its reasoning, or null.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The tool calls: id, name and the JSON of the arguments.</summary>
    public IReadOnlyList<(string Id, string Name, string Arguments)> ToolCalls { get; init; } = [];

    /// <summary>The count of tokens sent, as JSON, also one that lies; null leaves the counts out.</summary>
    public string? InputTokens { get; init; } = "11";

    /// <summary>The count of tokens of the answer, as JSON.</summary>
    public string? OutputTokens { get; init; } = "7";

    /// <summary>The price in US dollars that it names, as JSON, or null.</summary>
    public string? Cost { get; init; }

    /// <summary>The status; other than 200 the text is that of the error.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The header Retry-After, or null.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>Stops in the middle of the answer and keeps the connection.</summary>
    public bool Stalls { get; init; }

    /// <summary>What the middle of a streamed answer waits for; null for nothing.</summary>
    public Task? Middle { get; init; }

    /// <summary>Closes the connection in the middle of the answer.</summary>
    public bool CutsOff { get; init; }

    /// <summary>Ends the stream properly in the middle of the answer.</summary>
    public bool EndsEarly { get; init; }

    /// <summary>Reports an error in the middle of the answer, with this text; null for none.</summary>
    public string? FailsInside { get; init; }

    /// <summary>Answers with one JSON object although it was asked for a stream.</summary>
    public bool IgnoresStream { get; init; }
}

/// <summary>
/// A server of language models on loopback. It speaks the forms of OpenAI (<c>/chat/completions</c>, <c>/responses</c>), Anthropic (<c>/v1/messages</c>) and Ollama
/// (<c>/api/generate</c>), each as a stream or whole, and has the faults of real ones. Written from what the vendors publish, without our code.
/// </summary>
public sealed class ScriptedModelServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ScriptedModelServer(WebApplication application) => _application = application;

    /// <summary>For example <c>http://127.0.0.1:41234</c>.</summary>
    public string Origin { get; private set; } = "";

    /// <summary>The requests, in the order of their arrival.</summary>
    public ConcurrentQueue<ModelRequest> Requests { get; } = new();

    /// <summary>What a request is answered with; asked once for each.</summary>
    public Func<ModelRequest, Task<ModelResponse>> Answer { get; set; } = _ => Task.FromResult(new ModelResponse { Text = "Hello" });

    /// <summary>Completes when an answer has stalled.</summary>
    public Task Stalled => _stalled.Task;

    /// <summary>The connections that callers closed before the answer was complete.</summary>
    public ConcurrentQueue<ModelRequest> Aborted { get; } = new();

    /// <summary>Starts a server.</summary>
    public static async Task<ScriptedModelServer> StartAsync()
    {
        var application = LoopbackHost.Build();
        var server = new ScriptedModelServer(application);
        application.Run(server.ServeAsync);
        server.Origin = await application.ListenAsync();
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task ServeAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var request = new ModelRequest(context.Request.Path, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body!);
        Requests.Enqueue(request);
        try
        {
            var response = await Answer(request);
            await WriteAsync(context, request, response);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Aborted.Enqueue(request);
        }
    }

    private async Task WriteAsync(HttpContext context, ModelRequest request, ModelResponse response)
    {
        context.Response.StatusCode = response.Status;
        if (response.RetryAfter is { } wait) context.Response.Headers.RetryAfter = wait;
        if (response.Status != 200)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(request.Path.EndsWith("/api/generate", StringComparison.Ordinal)
                ? new JsonObject { ["error"] = response.Text }.ToJsonString()
                : new JsonObject { ["type"] = "error", ["error"] = new JsonObject { ["type"] = "api_error", ["message"] = response.Text } }.ToJsonString());
            return;
        }

        var form = Form.Of(request.Path);
        if (!request.Streams || response.IgnoresStream)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(form.Whole(response));
            return;
        }

        context.Response.ContentType = form.StreamType;
        var parts = form.Parts(response).ToList();
        for (var i = 0; i < parts.Count; i++)
        {
            if (i == parts.Count / 2 && await InterruptAsync(context, form, response)) return;
            await context.Response.WriteAsync(parts[i], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    /// <summary>Does what the response says about its middle.</summary>
    /// <returns>True when nothing more follows.</returns>
    private async Task<bool> InterruptAsync(HttpContext context, Form form, ModelResponse response)
    {
        if (response.Middle is { } middle) await middle.WaitAsync(context.RequestAborted);
        if (response.FailsInside is { } error)
        {
            await context.Response.WriteAsync(form.Error(error), context.RequestAborted);
            return true;
        }

        if (response.CutsOff) context.Abort();
        if (response.Stalls)
        {
            _stalled.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }

        return response.CutsOff || response.EndsEarly;
    }

    /// <summary>The form of an API.</summary>
    private abstract class Form
    {
        public virtual string StreamType => "text/event-stream";

        public static Form Of(string path) => path switch
        {
            _ when path.EndsWith("/api/generate", StringComparison.Ordinal) => new OllamaForm(),
            _ when path.EndsWith("/v1/messages", StringComparison.Ordinal) => new AnthropicForm(),
            _ when path.EndsWith("/responses", StringComparison.Ordinal) => new ResponsesForm(),
            _ => new OpenAiForm(),
        };

        public abstract string Whole(ModelResponse response);

        public abstract IEnumerable<string> Parts(ModelResponse response);

        public abstract string Error(string text);

        protected static IEnumerable<string> Pieces(string text) => text.Chunk(3).Select(piece => new string(piece));

        protected static JsonNode? Number(string? json) => json is null ? null : JsonNode.Parse(json);

        protected static string Event(JsonObject data, string? name = null) => (name is null ? "" : $"event: {name}\n") + $"data: {data.ToJsonString()}\n\n";
    }

    private sealed class OpenAiForm : Form
    {
        public override string Whole(ModelResponse response)
        {
            var message = new JsonObject { ["role"] = "assistant", ["content"] = response.ToolCalls.Count > 0 ? null : response.Text };
            if (response.Reasoning is { } reasoning) message["reasoning"] = reasoning;
            if (response.ToolCalls.Count > 0)
                message["tool_calls"] = new JsonArray([.. response.ToolCalls.Select(call => new JsonObject { ["id"] = call.Id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments } })]);
            var answer = new JsonObject { ["id"] = "chat-1", ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["finish_reason"] = "stop", ["message"] = message }) };
            if (Usage(response) is { } usage) answer["usage"] = usage;
            return answer.ToJsonString();
        }

        public override IEnumerable<string> Parts(ModelResponse response)
        {
            yield return ": OPENROUTER PROCESSING\n\n";
            yield return Part(new JsonObject { ["role"] = "assistant", ["content"] = "" });
            if (response.Reasoning is { } reasoning) yield return Part(new JsonObject { ["reasoning"] = reasoning });
            foreach (var piece in Pieces(response.Text)) yield return Part(new JsonObject { ["content"] = piece });
            for (var i = 0; i < response.ToolCalls.Count; i++)
            {
                var (id, name, arguments) = response.ToolCalls[i];
                yield return Part(new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = i, ["id"] = id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["arguments"] = "" } }) });
                foreach (var piece in Pieces(arguments))
                    yield return Part(new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = i, ["function"] = new JsonObject { ["arguments"] = piece } }) });
            }

            yield return Part([], response.ToolCalls.Count > 0 ? "tool_calls" : "stop");
            if (Usage(response) is { } usage) yield return Event(new JsonObject { ["id"] = "chat-1", ["choices"] = new JsonArray(), ["usage"] = usage });
            yield return "data: [DONE]\n\n";
        }

        public override string Error(string text) => Event(new JsonObject { ["error"] = new JsonObject { ["message"] = text, ["code"] = 502 } });

        private static string Part(JsonObject delta, string? finish = null) =>
            Event(new JsonObject { ["id"] = "chat-1", ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }) });

        private static JsonObject? Usage(ModelResponse response)
        {
            if (response.InputTokens is null) return null;
            var usage = new JsonObject { ["prompt_tokens"] = Number(response.InputTokens), ["completion_tokens"] = Number(response.OutputTokens) };
            if (response.Cost is not null) usage["cost"] = Number(response.Cost);
            return usage;
        }
    }

    private sealed class ResponsesForm : Form
    {
        public override string Whole(ModelResponse response) => Response(response).ToJsonString();

        public override IEnumerable<string> Parts(ModelResponse response)
        {
            yield return Event(new JsonObject { ["type"] = "response.created", ["response"] = new JsonObject { ["id"] = "resp_1" } }, "response.created");
            foreach (var piece in Pieces(response.Text)) yield return Event(new JsonObject { ["type"] = "response.output_text.delta", ["delta"] = piece }, "response.output_text.delta");
            yield return Event(new JsonObject { ["type"] = "response.completed", ["response"] = Response(response) }, "response.completed");
        }

        public override string Error(string text) =>
            Event(new JsonObject { ["type"] = "response.failed", ["response"] = new JsonObject { ["id"] = "resp_1", ["output"] = new JsonArray(), ["error"] = new JsonObject { ["message"] = text } } }, "response.failed");

        private static JsonObject Response(ModelResponse response)
        {
            var output = new JsonArray();
            if (response.Reasoning is { } reasoning) output.Add(new JsonObject { ["type"] = "reasoning", ["summary"] = new JsonArray(new JsonObject { ["type"] = "summary_text", ["text"] = reasoning }) });
            output.Add(new JsonObject { ["type"] = "message", ["role"] = "assistant", ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = response.Text }) });
            return new JsonObject
            {
                ["id"] = "resp_1",
                ["status"] = "completed",
                ["output"] = output,
                ["usage"] = new JsonObject { ["input_tokens"] = Number(response.InputTokens), ["output_tokens"] = Number(response.OutputTokens) },
            };
        }
    }

    private sealed class AnthropicForm : Form
    {
        public override string Whole(ModelResponse response) => new JsonObject
        {
            ["id"] = "msg_1",
            ["type"] = "message",
            ["role"] = "assistant",
            ["content"] = new JsonArray([.. Blocks(response)]),
            ["stop_reason"] = "end_turn",
            ["usage"] = new JsonObject { ["input_tokens"] = Number(response.InputTokens), ["output_tokens"] = Number(response.OutputTokens) },
        }.ToJsonString();

        public override IEnumerable<string> Parts(ModelResponse response)
        {
            yield return Event(new JsonObject { ["type"] = "message_start", ["message"] = new JsonObject { ["id"] = "msg_1", ["usage"] = new JsonObject { ["input_tokens"] = Number(response.InputTokens), ["output_tokens"] = 1 } } }, "message_start");
            yield return Event(new JsonObject { ["type"] = "ping" }, "ping");
            var index = 0;
            foreach (var block in Blocks(response))
            {
                var type = block["type"]!.GetValue<string>();
                var start = type switch
                {
                    "thinking" => new JsonObject { ["type"] = type, ["thinking"] = "", ["signature"] = "" },
                    "tool_use" => new JsonObject { ["type"] = type, ["id"] = block["id"]!.GetValue<string>(), ["name"] = block["name"]!.GetValue<string>(), ["input"] = new JsonObject() },
                    _ => new JsonObject { ["type"] = type, ["text"] = "" },
                };
                yield return Event(new JsonObject { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = start }, "content_block_start");
                var (kind, name, text) = type switch
                {
                    "thinking" => ("thinking_delta", "thinking", block["thinking"]!.GetValue<string>()),
                    "tool_use" => ("input_json_delta", "partial_json", block["input"]!.ToJsonString()),
                    _ => ("text_delta", "text", block["text"]!.GetValue<string>()),
                };
                foreach (var piece in Pieces(text))
                    yield return Event(new JsonObject { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = new JsonObject { ["type"] = kind, [name] = piece } }, "content_block_delta");
                yield return Event(new JsonObject { ["type"] = "content_block_stop", ["index"] = index }, "content_block_stop");
                index++;
            }

            yield return Event(new JsonObject { ["type"] = "message_delta", ["delta"] = new JsonObject { ["stop_reason"] = "end_turn" }, ["usage"] = new JsonObject { ["output_tokens"] = Number(response.OutputTokens) } }, "message_delta");
            yield return Event(new JsonObject { ["type"] = "message_stop" }, "message_stop");
        }

        public override string Error(string text) => Event(new JsonObject { ["type"] = "error", ["error"] = new JsonObject { ["type"] = "overloaded_error", ["message"] = text } }, "error");

        private static IEnumerable<JsonNode> Blocks(ModelResponse response)
        {
            if (response.Reasoning is { } reasoning) yield return new JsonObject { ["type"] = "thinking", ["thinking"] = reasoning, ["signature"] = "s" };
            if (response.Text.Length > 0 || response.ToolCalls.Count == 0) yield return new JsonObject { ["type"] = "text", ["text"] = response.Text };
            foreach (var (id, name, arguments) in response.ToolCalls)
                yield return new JsonObject { ["type"] = "tool_use", ["id"] = id, ["name"] = name, ["input"] = JsonNode.Parse(arguments) };
        }
    }

    private sealed class OllamaForm : Form
    {
        public override string StreamType => "application/x-ndjson";

        public override string Whole(ModelResponse response) => Last(response, response.Text).ToJsonString();

        public override IEnumerable<string> Parts(ModelResponse response)
        {
            if (response.Reasoning is { } reasoning) yield return new JsonObject { ["response"] = "", ["thinking"] = reasoning, ["done"] = false }.ToJsonString() + "\n";
            foreach (var piece in Pieces(response.Text)) yield return new JsonObject { ["response"] = piece, ["done"] = false }.ToJsonString() + "\n";
            yield return Last(response, "").ToJsonString() + "\n";
        }

        public override string Error(string text) => new JsonObject { ["error"] = text }.ToJsonString() + "\n";

        private static JsonObject Last(ModelResponse response, string text)
        {
            var last = new JsonObject { ["response"] = text, ["done"] = true, ["done_reason"] = "stop" };
            if (response.InputTokens is not null) last["prompt_eval_count"] = Number(response.InputTokens);
            if (response.OutputTokens is not null) last["eval_count"] = Number(response.OutputTokens);
            return last;
        }
    }
}
