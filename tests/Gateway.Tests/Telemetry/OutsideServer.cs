using System.Collections.Concurrent;
using Grainflow.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Tests.Telemetry;

/// <summary>A service outside, on loopback, that answers everything and remembers what it was sent.</summary>
internal sealed class OutsideServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly WebApplication _application;
    private readonly ConcurrentQueue<Received> _requests = new();
    private TaskCompletionSource _next = NewSignal();

    private OutsideServer(WebApplication application) => _application = application;

    public string Origin { get; private set; } = "";

    public int Port => new Uri(Origin).Port;

    public IReadOnlyCollection<Received> Requests => _requests;

    /// <summary>What it answers.</summary>
    public string Answer { get; set; } = "{}";

    public static async Task<OutsideServer> StartAsync()
    {
        var application = LoopbackHost.Build();
        var server = new OutsideServer(application);
        application.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            server._requests.Enqueue(new Received(context.Request.Path, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
            Interlocked.Exchange(ref server._next, NewSignal()).TrySetResult();
            await context.Response.WriteAsync(server.Answer);
        });
        server.Origin = await application.ListenAsync();
        return server;
    }

    /// <summary>Waits for a request.</summary>
    public async Task<Received> UntilAsync(Func<Received, bool> wanted)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next).Task;
            if (_requests.FirstOrDefault(wanted) is { } found) return found;
            await next.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);
}
