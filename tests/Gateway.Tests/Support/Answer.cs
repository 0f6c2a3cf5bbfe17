using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Gateway.Tests.Support;

/// <summary>What a server answered.</summary>
internal sealed record Answer(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Text, JsonValues.DocumentOptions);

    /// <summary>The text of <c>detail</c>.</summary>
    public string Detail => Json.GetProperty("detail").GetString()!;

    /// <summary>The form of the body, by its members.</summary>
    public string Members => Text.Length == 0 ? "" : string.Join(' ', Json.EnumerateObject().Select(member => member.Name));

    /// <summary>An error that a route raises (D); its text is returned.</summary>
    public string IsDetail(int status)
    {
        Assert.True(Status == status, $"{Status} {Text}");
        Assert.Equal("detail", Members);
        return Detail;
    }

    /// <summary>An error of the rules (E).</summary>
    public void IsError(int status)
    {
        Assert.True(Status == status, $"{Status} {Text}");
        Assert.Equal("message detail hint", Members);
        Assert.StartsWith("Failed to process ", Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(status < 500 ? "Adjust the request and retry." : "Check server logs and dependent services.", Json.GetProperty("hint").GetString());
    }

    /// <summary>A request that does not fit (V): the type and the place of each problem.</summary>
    public IReadOnlyList<string> Problems()
    {
        Assert.True(Status == 422, $"{Status} {Text}");
        Assert.Equal("message detail hint", Members);
        Assert.All(Json.GetProperty("detail").EnumerateArray(), problem =>
        {
            Assert.False(string.IsNullOrEmpty(problem.GetProperty("msg").GetString()));
            Assert.True(problem.TryGetProperty("input", out _));
        });
        return [.. Json.GetProperty("detail").EnumerateArray().Select(problem => $"{problem.GetProperty("type").GetString()} {string.Join('.', problem.GetProperty("loc").EnumerateArray())}")];
    }
}
