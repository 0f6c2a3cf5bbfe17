using System.Net.Http.Headers;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Edge;

/// <summary>The form that signs a browser in to the console.</summary>
public sealed class SignInTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("same-origin", "null", 302)]
    [InlineData("none", null, 302)]
    [InlineData("cross-site", "null", 403)]
    [InlineData("same-site", "https://other.example.com", 403)]
    [InlineData(null, "null", 403)]
    [InlineData(null, "https://other.example.com", 403)]
    [InlineData(null, null, 302)]
    public async Task A_form_of_another_site_signs_nobody_in(string? site, string? origin, int status)
    {
        var user = server.Anybody();
        var answer = await server.With(null).SendAsync(HttpMethod.Post, "/session", change: request =>
        {
            request.Content = new FormUrlEncodedContent([KeyValuePair.Create("token", user.Token!), KeyValuePair.Create("back", "/runs")]);
            Add(request.Headers, "Sec-Fetch-Site", site);
            Add(request.Headers, "Origin", origin);
        });

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 302, answer.Headers.ContainsKey("Set-Cookie"));
        if (status == 302) Assert.Equal("/runs", answer.Headers["Location"]);
    }

    private static void Add(HttpRequestHeaders headers, string name, string? value)
    {
        if (value is not null) headers.Add(name, value);
    }
}
