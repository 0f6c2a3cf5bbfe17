using System.Text.Json;
using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Http;
using Grainflow.Engine.Values;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Blocks.Tests.Ai;

/// <summary>A server that answers as a provider of language models does, and a client that takes it for all of them.</summary>
internal sealed class ScriptedProvider : IAsyncDisposable
{
    public const string Secret = "sk-very-secret";

    private readonly LoopbackServer _server;
    private readonly HttpMessageHandler _transport = ChatModels.CreateTransport();

    private ScriptedProvider(LoopbackServer server, TimeSpan? timeout)
    {
        _server = server;
        var address = new Uri(server.Origin + "/base");
        Models = new ChatModels(
            new ChatModelOptions
            {
                OpenAiBaseUrl = address,
                BaseUrls = ChatModelOptions.Providers.ToDictionary(p => p, _ => address, StringComparer.Ordinal),
                ApplicationUrl = new Uri("https://flows.example/"),
                Timeout = timeout ?? TimeSpan.FromMinutes(1),
            },
            _transport,
            _transport);
    }

    public ChatModels Models { get; }

    public IReadOnlyCollection<LoopbackServer.Received> Requests => _server.Requests;

    public JsonElement SentBody => JsonValues.Parse(_server.Requests.Single().Body);

    public static async Task<ScriptedProvider> StartAsync(RequestDelegate answer, TimeSpan? timeout = null) => new(await LoopbackServer.StartAsync(answer), timeout);

    public static Task<ScriptedProvider> StartAsync(string answer, int status = 200) => StartAsync(context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer);
    });

    public static ChatRequest Request(string model = "gpt-4o-mini", int? maxTokens = null, bool jsonMode = false, params ChatMessage[] messages) => new()
    {
        Model = model,
        Messages = messages.Length > 0 ? messages : [new ChatMessage("user", "Hi \"you\" ✓")],
        MaxTokens = maxTokens,
        JsonMode = jsonMode,
        Credential = new Credential("cred-1", ModelTable.Find(model)?.Provider ?? "openai", "api_key", Secret),
    };

    public async ValueTask DisposeAsync()
    {
        _transport.Dispose();
        await _server.DisposeAsync();
    }
}
