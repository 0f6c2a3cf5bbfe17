using System.Net;
using System.Text.Json;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Vectors;

/// <summary>Compares requests with the <c>http_requests</c> of a vector. Headers that a vector does not list are free.</summary>
internal static class HttpEffects
{
    public static void AssertSent(JsonElement expected, IReadOnlyList<SentRequest> sent)
    {
        Assert.Equal(expected.GetArrayLength(), sent.Count);
        foreach (var (wanted, request) in expected.EnumerateArray().Zip(sent))
        {
            Assert.Equal(wanted.GetProperty("method").GetString(), request.Method);
            Assert.Equal(wanted.GetProperty("url").GetString(), request.Url);
            foreach (var header in wanted.GetProperty("headers").EnumerateObject()) Assert.Equal(header.Value.GetString(), request.Headers.GetValueOrDefault(header.Name));
            AssertBody(wanted, request);
        }
    }

    private static void AssertBody(JsonElement wanted, SentRequest request)
    {
        if (wanted.Member("json") is { } json)
        {
            Assert.Equal("application/json", request.ContentType);
            Assert.Null(VectorMatcher.Difference(json, JsonValues.Parse(request.Body)));
        }
        else if (wanted.Member("form") is { } form)
        {
            Assert.Equal("application/x-www-form-urlencoded", request.ContentType);
            var fields = request.Body.Split('&').Select(f => f.Split('=')).Select(f => KeyValuePair.Create(WebUtility.UrlDecode(f[0]), JsonValues.From(WebUtility.UrlDecode(f[1]))));
            Assert.Null(VectorMatcher.Difference(form, JsonValues.Object(fields)));
        }
        else
        {
            Assert.Equal("", request.Body);
        }
    }
}
