using System.Net;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Http;

public sealed class SendAuthenticatedWebRequestTests
{
    private const string Block = "SendAuthenticatedWebRequestBlock";

    [Theory]
    [InlineData("api.example.com", "api.example.com", true)]
    [InlineData("API.Example.com", "api.example.com", true)]
    [InlineData("api.example.com:8443", "api.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", true)]
    [InlineData("*.example.com", "example.com", true)]
    [InlineData("*.EXAMPLE.com:443", "A.example.com", true)]
    [InlineData("bücher.example", "xn--bcher-kva.example", true)]
    [InlineData("api.example.com", "x.api.example.com", false)]
    [InlineData("*.example.com", "evilexample.com", false)]
    [InlineData("*.example.com", "example.com.evil.test", false)]
    [InlineData("example.com", "example.com.", false)]
    [InlineData("*", "example.com", false)]
    [InlineData("*.", "example.com", false)]
    [InlineData("", "example.com", false)]
    public void Credentials_cover_their_host_and_what_is_below_their_wildcard(string pattern, string host, bool covered) =>
        Assert.Equal(covered, new Credential("c", "http", CredentialTypes.HostScoped, "") { Host = pattern }.CoversHost(host));

    [Fact]
    public void Credentials_of_another_type_cover_no_host() => Assert.False(new Credential("c", "http", CredentialTypes.ApiKey, "k") { Host = "example.com" }.CoversHost("example.com"));

    [Fact]
    public async Task A_redirect_to_another_origin_is_followed_without_the_secret_headers_and_one_on_the_same_origin_with_them()
    {
        await using var other = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var own = await LoopbackServer.StartAsync(context =>
        {
            context.Response.Redirect(context.Request.Path == "/first" ? "/second" : $"http://other.example:{other.Port}/");
            return Task.CompletedTask;
        });
        using var http = new OutgoingHttp(
            new OutgoingHttpOptions { TrustedEndpoints = [$"own.example:{own.Port}", $"other.example:{other.Port}"] }, resolve: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        var run = new TestRun(JsonValues.Parse("""{"host_credentials": {"host": "own.example", "headers": {"X-Key": "secret", "Authorization": "Bearer secret"}}}"""), http);

        var input = $$"""{"url": "http://own.example:{{own.Port}}/first", "method": "GET", "headers": {"X-Own": "1"}, "credentials": {"id": "cred-1", "provider": "http", "type": "host_scoped"} }""";
        Assert.Equal(["response=\"\""], await BlockResults.RunAsync(Block, input, run));

        Assert.All(own.Requests, request => Assert.Equal("secret", request.Headers["X-Key"]));
        Assert.Equal(2, own.Requests.Count);
        var last = Assert.Single(other.Requests);
        Assert.Equal("1", last.Headers["X-Own"]);
        Assert.DoesNotContain("X-Key", last.Headers.Keys);
        Assert.DoesNotContain("Authorization", last.Headers.Keys);
    }

    [Theory]
    [InlineData("own.example@evil.test")]
    [InlineData("evil.test#own.example")]
    public async Task An_address_that_only_looks_like_the_host_gets_no_secret(string host)
    {
        var run = new TestRun(JsonValues.Parse("""{"host_credentials": {"host": "own.example", "headers": {"X-Key": "secret"}}, "http": [{"status": 200}]}"""));

        await BlockResults.RunAsync(
            Block,
            JsonValues.Object(
                KeyValuePair.Create("url", JsonValues.From($"http://{host}/")),
                KeyValuePair.Create("method", JsonValues.From("GET")),
                KeyValuePair.Create("credentials", JsonValues.Parse("""{"id": "cred-1", "provider": "http", "type": "host_scoped"}"""))),
            run);

        Assert.DoesNotContain("X-Key", Assert.Single(run.Http.Requests).Headers.Keys);
    }
}
