using System.Text.Json.Nodes;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;

namespace Grainflow.EndToEnd.Tests;

/// <summary><c>./run --rotate-keys</c>: a server stores a credential with its key file, and the key is changed beside it.</summary>
public sealed class RotateKeysTests
{
    private const string NewKey = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";

    [Fact]
    public async Task Secrets_are_sealed_by_the_new_key_beside_a_server_and_a_second_time_nothing_is_left_to_do()
    {
        await using var place = await Workplace.CreateAsync();
        await using var server = await RunningServer.StartAsync(place, FreePorts.Pair());
        using var body = new StringContent("""{"type": "api_key", "provider": "p", "api_key": "k"}""", System.Text.Encoding.UTF8, "application/json");
        using var created = await server.Http.PostAsync(new Uri("/api/integrations/p/credentials", UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.Equal(201, (int)created.StatusCode);
        place.Environment["ENCRYPTION_KEY"] = NewKey;

        var first = await place.RunAsync("--rotate-keys");
        var second = await place.RunAsync("--rotate-keys", "--json");

        Assert.True(first.ExitCode == 0, first.Errors);
        // The key of the user, and that of the platform, with which the keys of the console's pages are sealed.
        Assert.Equal((2, 0, 0), Counts(first.Output));
        Assert.Contains("2 were sealed anew, 0 were before.", first.Errors, StringComparison.Ordinal);
        Assert.Equal((0, 2, 0), Counts(second.Output));
        Assert.Empty(second.Errors);
    }

    private static (int Resealed, int Current, int Failed) Counts(string output)
    {
        var result = JsonNode.Parse(output)!;
        return (result["resealed"]!.GetValue<int>(), result["current"]!.GetValue<int>(), result["failed"]!.GetValue<int>());
    }
}
