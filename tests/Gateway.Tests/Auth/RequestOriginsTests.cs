using Grainflow.Gateway.Auth;
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
}
