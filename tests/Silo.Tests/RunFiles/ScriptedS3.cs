using System.Collections.Concurrent;
using System.Security.Cryptography;
using Grainflow.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Silo.Tests.RunFiles;

/// <summary>As much of S3 as the product asks for, on loopback: objects of one bucket in memory. Requests without a signature of version 4 are refused.</summary>
internal sealed class ScriptedS3 : IAsyncDisposable
{
    public const string Bucket = "files";

    private readonly WebApplication _application;

    private ScriptedS3(WebApplication application) => _application = application;

    /// <summary>The objects by their keys.</summary>
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>What the next requests are answered in place of what they ask for, one each.</summary>
    public ConcurrentQueue<(int Status, string Code)> Refusals { get; } = new();

    /// <summary>Called before an object is read.</summary>
    public Func<string, Task> BeforeRead { get; set; } = _ => Task.CompletedTask;

    public Uri Endpoint { get; private set; } = new("http://localhost");

    public static async Task<ScriptedS3> StartAsync()
    {
        var application = LoopbackHost.Build();
        var server = new ScriptedS3(application);
        application.Run(server.AnswerAsync);
        server.Endpoint = new Uri(await application.ListenAsync());
        return server;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var parts = context.Request.Path.Value!.TrimStart('/').Split('/', 2);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (!context.Request.Headers.Authorization.ToString().StartsWith("AWS4-HMAC-SHA256 ", StringComparison.Ordinal)) await RefuseAsync(context, 403, "AccessDenied");
        else if (Refusals.TryDequeue(out var refusal)) await RefuseAsync(context, refusal.Status, refusal.Code);
        else if (parts[0] != Bucket) await RefuseAsync(context, 404, "NoSuchBucket");
        else await ObjectAsync(context, parts[1], body.ToArray());
    }

    private async Task ObjectAsync(HttpContext context, string key, byte[] body)
    {
        switch (context.Request.Method)
        {
            case "PUT":
                Objects[key] = body;
                context.Response.Headers.ETag = Tag(body);
                break;
            case "DELETE":
                Objects.TryRemove(key, out _);
                context.Response.StatusCode = 204;
                break;
            default:
                await BeforeRead(key);
                if (!Objects.TryGetValue(key, out var content))
                {
                    await RefuseAsync(context, 404, "NoSuchKey");
                    break;
                }

                context.Response.Headers.ETag = Tag(content);
                context.Response.ContentLength = content.Length;
                await context.Response.Body.WriteAsync(content);
                break;
        }
    }

    /// <summary>The tag that the client checks what it received by.</summary>
    private static string Tag(byte[] content)
    {
#pragma warning disable CA5351 // S3 uses MD5 for tags.
        return $"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"";
#pragma warning restore CA5351
    }

    private static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync($"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>refused for AKIATEST</Message></Error>");
    }
}
