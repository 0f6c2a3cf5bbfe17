using System.Text.Json;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Integrations;

/// <summary>Runs a block of an integration against a vendor whose replies are scripted, in order.</summary>
internal static class VendorRun
{
    /// <summary>A run with these replies; the credential has the secret <c>k-secret</c>.</summary>
    /// <param name="replies">Each the JSON of a reply: <c>status</c> and <c>body</c>; or a body alone, which is then answered with 200.</param>
    public static TestRun Of(params IEnumerable<string> replies) => new(JsonValues.Object(
        KeyValuePair.Create("secret", JsonValues.From("k-secret")),
        KeyValuePair.Create("http", JsonValues.Array(replies.Select(ReplyOf)))));

    /// <summary>The outputs of a block as <see cref="BlockResults"/> shows them.</summary>
    /// <param name="run">The run.</param>
    /// <param name="block">The name of the block.</param>
    /// <param name="input">Its input without the credentials, as JSON.</param>
    public static Task<List<string>> RunAsync(this TestRun run, string block, string input) => BlockResults.RunAsync(block, WithCredentials(block, JsonValues.Parse(input)), run);

    /// <summary>The requests that were sent, as <c>METHOD address</c> with the body behind it when there is one.</summary>
    /// <param name="run">The run.</param>
    public static List<string> Sent(this TestRun run) => [.. run.Http.Requests.Select(request => $"{request.Method} {request.Url}{(request.Body.Length > 0 ? " " + request.Body : "")}")];

    private static JsonElement ReplyOf(string reply)
    {
        var json = JsonValues.Parse(reply);
        return json.Member("status") is { ValueKind: JsonValueKind.Number } ? json : JsonValues.Object(KeyValuePair.Create("status", JsonValues.From(200)), KeyValuePair.Create("body", json));
    }

    private static JsonElement WithCredentials(string block, JsonElement input)
    {
        var wanted = BlockResults.Block(block).Definition.Inputs.Single(pin => pin.Name == "credentials").Credentials!;
        return JsonValues.Object([.. input.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, member.Value)), KeyValuePair.Create("credentials", JsonValues.Object(
            KeyValuePair.Create("id", JsonValues.From("cred-1")),
            KeyValuePair.Create("provider", JsonValues.From(wanted.Providers[0])),
            KeyValuePair.Create("type", JsonValues.From(wanted.Types[0]))))]);
    }
}
