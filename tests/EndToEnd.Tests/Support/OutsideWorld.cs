using System.Collections.Concurrent;
using Grainflow.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>
/// A server on loopback that counts what it is asked: <c>/step/NAME</c>, and an OpenAI-compatible model. A call can be
/// held, so that a test kills the program exactly while that call is under way.
/// </summary>
internal sealed class OutsideWorld : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile Allowance? _allowance;
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _unanswered = new(StringComparer.Ordinal);

    private OutsideWorld(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    /// <summary>How long it takes to answer a call.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Calls by name; models are called <c>model</c> and the last word of the prompt.</summary>
    public IReadOnlyDictionary<string, int> Calls => _calls;

    /// <summary>Starts the server.</summary>
    /// <param name="closesUnannounced">Whether it closes each connection after its answer without having said so, as a load balancer may.</param>
    public static async Task<OutsideWorld> StartAsync(bool closesUnannounced = false)
    {
        var app = LoopbackHost.Build();
        var world = new OutsideWorld(app);
        if (closesUnannounced)
        {
            app.Use(async (context, next) =>
            {
                // After the headers are sent, so that they do not announce it.
                context.Response.OnCompleted(() =>
                {
                    context.Features.Get<IConnectionLifetimeNotificationFeature>()!.RequestClose();
                    return Task.CompletedTask;
                });
                await next(context);
            });
        }

        app.MapPost("/step/{name}", async (string name, HttpContext context) =>
        {
            await world.CalledAsync(name, context.RequestAborted);
            return Results.Json(new { step = name });
        });
        app.MapPost("/v1/chat/completions", async (HttpContext context) =>
        {
            var request = await JsonElementOf(context.Request);
            var prompt = request.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
            await world.CalledAsync("model " + prompt.Split(' ')[^1], context.RequestAborted);
            return Results.Json(new
            {
                id = "1",
                @object = "chat.completion",
                created = 1,
                model = "gpt-4o-mini",
                choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = "said " + prompt } } },
                usage = new { prompt_tokens = 3, completion_tokens = 2, total_tokens = 5 },
            });
        });
        world.Address = await app.ListenAsync();
        return world;
    }

    /// <summary>The next call of that name is not answered before <see cref="Answer"/>. The task ends when it has arrived.</summary>
    public Task HoldNext(string name)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _held[name] = arrived;
        return arrived.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }

    /// <summary>Answers a call of that name that is held.</summary>
    public void Answer(string name) => _unanswered[name].TrySetResult();

    /// <summary>Answers so many calls and none after them; a call that is made again is always answered. The task ends when the first unanswered one has arrived.</summary>
    public Task HoldAfter(int calls)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _allowance = new Allowance(calls, arrived);
        return arrived.Task;
    }

    /// <summary>Answers every call again.</summary>
    public void HoldNoMore() => _allowance = null;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static async Task<System.Text.Json.JsonElement> JsonElementOf(HttpRequest request)
    {
        using var document = await System.Text.Json.JsonDocument.ParseAsync(request.Body);
        return document.RootElement.Clone();
    }

    private async Task CalledAsync(string name, CancellationToken aborted)
    {
        var times = _calls.AddOrUpdate(name, 1, (_, count) => count + 1);
        if (Latency > TimeSpan.Zero) await Task.Delay(Latency, aborted);
        if (!_held.TryRemove(name, out var arrived))
        {
            if (times > 1 || _allowance is not { } allowance || Interlocked.Decrement(ref allowance.Left) >= 0) return;
            arrived = allowance.Spent;
        }

        var answer = _unanswered[name] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var gone = aborted.Register(() => answer.TrySetCanceled(aborted));
        arrived.TrySetResult();
        await answer.Task;
    }

    private sealed class Allowance(int calls, TaskCompletionSource spent)
    {
        public int Left = calls;

        public TaskCompletionSource Spent { get; } = spent;
    }
}
