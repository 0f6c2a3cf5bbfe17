using System.Net.WebSockets;
using System.Security.Cryptography;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Tests.Auth;

/// <summary>A whole server whose users' tokens are signed by an issuer.</summary>
public sealed class IssuerServerTests
{
    [Fact]
    public async Task A_user_of_the_issuer_gets_in_and_nobody_else()
    {
        await using var issuer = await KeySetServer.StartAsync();
        using var key = RSA.Create(2048);
        issuer.Publish("first", key);
        await using var server = new Server(issuer);
        await server.InitializeAsync();

        Assert.Equal(200, (await server.With(SignedTokens.Of("RS256", key, Claims("https://auth.example"), "first")).GetAsync("/api/graphs")).Status);
        (await server.With(SignedTokens.Of("RS256", key, Claims("https://other.example"), "first")).GetAsync("/api/graphs")).IsDetail(401);
        (await server.For("user-1").GetAsync("/api/graphs")).IsDetail(401);
    }

    [Fact]
    public async Task While_the_issuer_fails_a_caller_is_told_to_try_again_and_not_that_the_token_is_wrong()
    {
        await using var issuer = await KeySetServer.StartAsync();
        using var key = RSA.Create(2048);
        issuer.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        };
        await using var server = new Server(issuer);
        await server.InitializeAsync();
        var token = SignedTokens.Of("RS256", key, Claims("https://auth.example"), "first");

        (await server.With(token).GetAsync("/api/graphs")).IsDetail(503);
        (await server.With(null).GetAsync("/api/graphs")).IsDetail(401);
        Assert.Equal(200, (await server.With(token).GetAsync("/health")).Status);
        await using var socket = await LiveClient.ConnectAsync(new Uri($"{server.Address.Replace("http", "ws", StringComparison.Ordinal)}/ws?token={token}"));
        Assert.Null(await socket.NextBytesAsync());
        Assert.Equal((WebSocketCloseStatus)1013, socket.CloseStatus);
    }

    private static object Claims(string issuer) => new { sub = "user-1", role = "authenticated", aud = "authenticated", iss = issuer };

    private sealed class Server(KeySetServer issuer) : ApiServer
    {
        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["JWT_VERIFY_KEY"] = "";
            variables["JWT_SIGN_ALGORITHM"] = "RS256";
            variables["JWT_JWKS_URL"] = issuer.Address.AbsoluteUri;
            variables["JWT_ISSUER"] = "https://auth.example";
        }
    }
}
