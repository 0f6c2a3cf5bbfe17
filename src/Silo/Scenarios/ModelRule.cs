using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Scenarios;

/// <summary>A scripted reply to chat requests that contain some texts and not others.</summary>
/// <param name="Contains">Texts that must all occur in the joined messages.</param>
/// <param name="NotContains">Texts of which none may occur.</param>
/// <param name="Reply">A text, or an object with tool calls.</param>
internal sealed record ModelRule(ImmutableArray<string> Contains, ImmutableArray<string> NotContains, JsonElement Reply)
{
    /// <summary>Reads a rule.</summary>
    /// <exception cref="CliException">Something in it is not known or not of the right form; says where.</exception>
    public static ModelRule Read(JsonElement element, string path)
    {
        var reader = new CaseReader(element, path, "contains", "not_contains", "reply");
        var reply = reader.Value("reply");
        if (reply is not { ValueKind: JsonValueKind.String or JsonValueKind.Object }) throw reader.Wrong("reply", "a text or an object");
        return new ModelRule([.. reader.Texts("contains")], [.. reader.Texts("not_contains")], reply.Value);
    }

    /// <summary>True when the rule answers a request.</summary>
    /// <param name="messages">The messages of the request, joined.</param>
    public bool Fits(string messages) =>
        Contains.All(text => messages.Contains(text, StringComparison.Ordinal)) && !NotContains.Any(text => messages.Contains(text, StringComparison.Ordinal));
}
