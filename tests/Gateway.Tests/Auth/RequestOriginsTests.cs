using System.Net;
using Grainflow.Gateway.Auth;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Grainflow.Gateway.Tests.Auth;

public sealed class RequestOriginsTests
{
    [Theory]
    [InlineData("https://app.example", true)]
    [InlineData("https://APP.example", true)]
    [InlineData("https://app.example.evil", false)]
    [InlineData("https://one.sub.example", true)]
    [InlineData("https://one.sub.example.evil", false)]
    [InlineData("x https://one.sub.example", false)]
    [InlineData("null", false)]
    public void An_origin_is_allowed_by_name_or_by_a_pattern_that_fits_it_whole(string origin, bool allowed)
    {
        var origins = new RequestOrigins(Options.Create(new GatewayOptions { CorsAllowOrigins = ["https://app.example", "regex:https://[a-z]+\\.sub\\.example"] }));
        Assert.Equal(allowed, origins.IsAllowed(origin));
    }

    [Theory]
    [InlineData("localhost:8000")]
    [InlineData("127.0.0.1:8000")]
    [InlineData("127.0.0.2:8000")]
    [InlineData("[::1]:8000")]
    public void Every_loopback_address_may_be_named(string host) => Assert.Null(Open().Refusal(Request(host, IPAddress.Loopback)));

    [Theory]
    [InlineData("127.0.0.1", "http://127.0.0.1:8010")]
    [InlineData("127.0.0.2", "http://127.0.0.2:8010")]
    [InlineData("::ffff:127.0.0.1", "http://127.0.0.1:8010")]
    [InlineData("::1", "http://[::1]:8010")]
    public void A_foreign_host_is_told_the_address_at_which_the_server_listens(string local, string advice) =>
        Assert.Equal($"Host 'evil.example' is refused while ENABLE_AUTH is false: use {advice}.", Open().Refusal(Request("evil.example", IPAddress.Parse(local))));

    private static RequestOrigins Open() => new(Options.Create(new GatewayOptions { EnableAuth = false }));

    private static HttpRequest Request(string host, IPAddress local)
    {
        var context = new DefaultHttpContext();
        context.Request.Host = new HostString(host);
        context.Connection.LocalIpAddress = local;
        context.Connection.LocalPort = 8010;
        return context.Request;
    }
}
