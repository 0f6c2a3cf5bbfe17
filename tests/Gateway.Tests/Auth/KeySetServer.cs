using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Grainflow.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Tests.Auth;

/// <summary>An issuer on loopback that publishes a key set, counts who reads it, and fails as it is told to.</summary>
internal sealed class KeySetServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, JsonNode> _keys = new(StringComparer.Ordinal);
    private int _reads;

    private KeySetServer(WebApplication application) => _application = application;

    public Uri Address { get; private set; } = new("http://nowhere");

    /// <summary>How often the set was asked for.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>The answer in place of the key set, or null.</summary>
    public Func<HttpContext, Task>? Answer { get; set; }

    public static async Task<KeySetServer> StartAsync()
    {
        var application = LoopbackHost.Build();
        var server = new KeySetServer(application);
        application.Run(context =>
        {
            Interlocked.Increment(ref server._reads);
            return server.Answer is { } answer ? answer(context) : context.Response.WriteAsync(server.Text);
        });
        server.Address = new Uri(await application.ListenAsync() + "/keys");
        return server;
    }

    /// <summary>The set as it is now.</summary>
    public string Text => new JsonObject { ["keys"] = new JsonArray([.. _keys.Values.Select(key => key.DeepClone())]) }.ToJsonString();

    public void Publish(string kid, RSA key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        Publish(kid, new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["n"] = SignedTokens.Encode(parameters.Modulus), ["e"] = SignedTokens.Encode(parameters.Exponent) });
    }

    public void Publish(string kid, ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        Publish(kid, new JsonObject { ["kty"] = "EC", ["use"] = "sig", ["crv"] = $"P-{key.KeySize}", ["x"] = SignedTokens.Encode(point.X), ["y"] = SignedTokens.Encode(point.Y) });
    }

    public void Publish(string kid, JsonObject key)
    {
        if (kid.Length > 0) key["kid"] = kid;
        _keys[kid] = key;
    }

    public void Withdraw(string kid) => Assert.True(_keys.TryRemove(kid, out _));

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
