using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>Puts an answer in Anthropic's form together, from one JSON object or from the events of a stream.</summary>
/// <param name="partial">Shows the text while it comes; null to show nothing.</param>
internal sealed class AnthropicAnswer(PartialAnswer? partial)
{
    private readonly SortedDictionary<int, Part> _parts = [];

    /// <summary>The part that is the text of the answer; null before it has begun.</summary>
    private int? _shown;
    private string? _id;
    private long? _input;
    private long? _output;
    private bool _hasEnded;

    /// <summary>Adds an answer that was not streamed.</summary>
    /// <param name="answer">The answer.</param>
    public void AddWhole(JsonElement answer)
    {
        if (AnswerJson.Get(answer, "error") is not null) throw new ChatModelException(AnswerJson.ErrorOf(answer) ?? "anthropic failed.");
        _id = AnswerJson.Text(answer, "id");
        var index = 0;
        foreach (var block in AnswerJson.List(answer, "content")) _parts.Add(index++, new Part(block));
        Count(AnswerJson.Get(answer, "usage"));
        _hasEnded = true;
    }

    /// <summary>Adds an event.</summary>
    /// <param name="part">The data of the event.</param>
    /// <returns>True when it is the last one.</returns>
    /// <exception cref="ChatModelException">The provider reports an error.</exception>
    public bool Add(JsonElement part)
    {
        switch (AnswerJson.Text(part, "type"))
        {
            case "message_start":
                _id = AnswerJson.Text(AnswerJson.Get(part, "message"), "id");
                Count(AnswerJson.Get(AnswerJson.Get(part, "message"), "usage"));
                break;
            case "content_block_start" when AnswerJson.Get(part, "content_block") is { } block:
                _parts[Index(part)] = new Part(block);
                if (!IsReasoning(block)) _shown ??= Index(part);
                if (_shown == Index(part)) partial?.Append(AnswerJson.Text(block, "text"));
                break;
            case "content_block_delta" when _parts.TryGetValue(Index(part), out var open):
                open.Append(AnswerJson.Get(part, "delta"));
                if (_shown == Index(part)) partial?.Append(AnswerJson.Text(AnswerJson.Get(part, "delta"), "text"));
                break;
            case "message_delta":
                Count(AnswerJson.Get(part, "usage"));
                break;
            case "message_stop":
                return _hasEnded = true;
            case "error":
                throw new ChatModelException(AnswerJson.ErrorOf(part) ?? "anthropic failed in the middle of its answer.");
        }

        return false;
    }

    /// <summary>The answer. Its text is the first part that is no reasoning: the text, or the name of the tool that it calls.</summary>
    /// <param name="provider">The provider.</param>
    /// <exception cref="ChatModelException">It has no content.</exception>
    /// <exception cref="IOException">The stream ended before the answer.</exception>
    public ModelAnswer ToAnswer(ChatProvider provider)
    {
        if (!_hasEnded) throw new IOException("the stream ended in the middle of the answer");
        if (_parts.Count == 0) throw new ChatModelException($"{provider.Name} answered without content.");
        var blocks = _parts.Values.Select(part => part.ToJson()).ToList();
        var first = blocks.Find(block => !IsReasoning(block));
        var calls = blocks.Where(block => AnswerJson.Text(block, "type") == "tool_use").ToList();
        var reasoning = string.Concat(blocks.Select(block => AnswerJson.Text(block, "thinking")));
        return new ModelAnswer
        {
            Text = AnswerJson.Text(first, "text") ?? AnswerJson.Text(first, "name") ?? "",
            Reasoning = reasoning.Length > 0 ? reasoning : null,
            ToolCalls = [.. calls.Select(call => new ChatToolCall(AnswerJson.Text(call, "id") ?? "", AnswerJson.Text(call, "name") ?? "", PythonText.Json(AnswerJson.Get(call, "input") ?? JsonValues.EmptyObject)))],
            Message = calls.Count == 0 ? null : JsonValues.Object(KeyValuePair.Create("role", JsonValues.From("assistant")), KeyValuePair.Create("content", JsonValues.Array(blocks))),
            Id = _id,
            InputTokens = _input,
            OutputTokens = _output,
        };
    }

    private static bool IsReasoning(JsonElement block) => AnswerJson.Text(block, "type") is "thinking" or "redacted_thinking";

    private static int Index(JsonElement part) => AnswerJson.Get(part, "index") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var index) ? index : 0;

    private void Count(JsonElement? usage)
    {
        if (AnswerJson.Tokens(usage, "input_tokens") is { } sent)
            _input = sent + (AnswerJson.Tokens(usage, "cache_read_input_tokens") ?? 0) + (AnswerJson.Tokens(usage, "cache_creation_input_tokens") ?? 0);
        if (AnswerJson.Tokens(usage, "output_tokens") is { } received) _output = received;
    }

    private sealed class Part(JsonElement block)
    {
        private readonly Dictionary<string, StringBuilder> _texts = new(StringComparer.Ordinal);
        private readonly StringBuilder _input = new();

        public void Append(JsonElement? delta)
        {
            foreach (var name in (string[])["text", "thinking", "signature"])
                if (AnswerJson.Text(delta, name) is { } text) (_texts.TryGetValue(name, out var so) ? so : _texts[name] = new StringBuilder(AnswerJson.Text(block, name))).Append(text);
            _input.Append(AnswerJson.Text(delta, "partial_json"));
        }

        public JsonElement ToJson()
        {
            var members = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var member in block.EnumerateObject()) members[member.Name] = member.Value;
            foreach (var (name, text) in _texts) members[name] = JsonValues.From(text.ToString());
            if (_input.Length > 0 && JsonValues.TryParse(_input.ToString(), out var input)) members["input"] = input;
            return JsonValues.Object(members);
        }
    }
}
