using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Blocks.Ai;

namespace Grainflow.Silo.Scenarios;

/// <summary>Answers chat requests by the rules of a case.</summary>
internal sealed partial class ScriptedModels(ImmutableArray<ModelRule> rules) : IChatModels
{
    private const int ShownLength = 200;
    private int _calls;

    /// <summary>Requests that were made, those without a reply in the case included.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <inheritdoc/>
    public Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        var messages = string.Join('\n', request.Messages.Select(message => message.Content));
        var rule = rules.FirstOrDefault(rule => rule.Fits(messages))
            ?? throw new ChatModelException($"The scenario has no reply to this request: {(messages.Length > ShownLength ? messages[..ShownLength] + "..." : messages)}");
        if (rule.Reply.ValueKind != JsonValueKind.String)
            throw new ChatModelException("The scenario replies with tool calls, which this block does not take.");

        // {{TAG}} in a reply is replaced by the id that the request asks for.
        var text = rule.Reply.GetString()!;
        if (Tag().Match(messages) is { Success: true } tag) text = text.Replace("{{TAG}}", tag.Groups["id"].Value, StringComparison.Ordinal);
        return Task.FromResult(new ChatReply(text, 0, 0));
    }

    [GeneratedRegex("<json_output id=\"(?<id>[^\"]+)\">", RegexOptions.None, 1000)]
    private static partial Regex Tag();
}
