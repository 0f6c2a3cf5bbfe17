using System.Text;
using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>Puts an answer in OpenAI's form together, from one JSON object or from the parts of a stream.</summary>
/// <param name="provider">The provider.</param>
/// <param name="partial">Shows the text while it comes; null to show nothing.</param>
internal sealed class OpenAiAnswer(ChatProvider provider, PartialAnswer? partial)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _refusal = new();
    private readonly SortedDictionary<int, Call> _calls = [];
    private readonly List<JsonElement> _annotations = [];
    private JsonElement? _usage;
    private string? _id;
    private bool _hasChoice;
    private bool _hasEnded;

    /// <summary>Adds a part.</summary>
    /// <param name="part">A JSON object with choices.</param>
    /// <exception cref="ChatModelException">The provider reports an error in it.</exception>
    public void Add(JsonElement part)
    {
        _id ??= AnswerJson.Text(part, "id");
        // Groq has the counts in a member of its own.
        _usage = AnswerJson.Get(part, "usage") ?? AnswerJson.Get(AnswerJson.Get(part, "x_groq"), "usage") ?? _usage;
        var choices = AnswerJson.List(part, "choices").ToList();
        if (choices.Count == 0 && AnswerJson.ErrorOf(part) is { } error) throw new ChatModelException(error);
        if (choices.Count == 0) return;
        _hasChoice = true;
        if (AnswerJson.Get(choices[0], "error") is not null) throw new ChatModelException(AnswerJson.ErrorOf(choices[0]) ?? $"{provider.Name} failed in the middle of its answer.");
        if (AnswerJson.Text(choices[0], "finish_reason") is not null) _hasEnded = true;
        Append(AnswerJson.Get(choices[0], "delta") ?? AnswerJson.Get(choices[0], "message"));
    }

    /// <summary>Says that the answer is complete.</summary>
    public void End() => _hasEnded = true;

    /// <summary>The answer.</summary>
    /// <exception cref="ChatModelException">It has no choice.</exception>
    /// <exception cref="IOException">The stream ended before the answer.</exception>
    public ModelAnswer ToAnswer()
    {
        if (!_hasEnded) throw new IOException("the stream ended in the middle of the answer");
        if (!_hasChoice) throw new ChatModelException($"{provider.Name} answered without a choice.");
        return new ModelAnswer
        {
            Text = _text.Length > 0 ? _text.ToString() : _refusal.ToString(),
            Reasoning = _reasoning.Length > 0 ? _reasoning.ToString() : null,
            ToolCalls = [.. _calls.Values.Select((call, index) => new ChatToolCall(call.Id ?? $"call_{index + 1}", call.Name.ToString(), call.Arguments.ToString()))],
            Annotations = _annotations.Count > 0 ? JsonValues.Array(_annotations) : null,
            Id = _id,
            InputTokens = AnswerJson.Tokens(_usage, "prompt_tokens"),
            OutputTokens = AnswerJson.Tokens(_usage, "completion_tokens"),
            CostUsd = AnswerJson.Dollars(_usage, "cost"),
        };
    }

    private void Append(JsonElement? message)
    {
        var text = AnswerJson.Text(message, "content");
        _text.Append(text);
        partial?.Append(text);
        _refusal.Append(AnswerJson.Text(message, "refusal"));
        _reasoning.Append(AnswerJson.Text(message, "reasoning") ?? AnswerJson.Text(message, "reasoning_content"));
        _annotations.AddRange(AnswerJson.List(message, "annotations").Where(item => item.ValueKind == JsonValueKind.Object));
        var next = 0;
        foreach (var part in AnswerJson.List(message, "tool_calls"))
        {
            var index = AnswerJson.Get(part, "index") is { ValueKind: JsonValueKind.Number } given && given.TryGetInt32(out var place) ? place : next;
            next = index + 1;
            if (!_calls.TryGetValue(index, out var call)) _calls.Add(index, call = new Call());
            call.Id ??= AnswerJson.Text(part, "id") is { Length: > 0 } id ? id : null;
            var function = AnswerJson.Get(part, "function");
            call.Name.Append(AnswerJson.Text(function, "name"));
            // Some servers give the arguments as an object.
            if (AnswerJson.Get(function, "arguments") is { } arguments) call.Arguments.Append(arguments.ValueKind == JsonValueKind.String ? arguments.GetString() : JsonValues.Compact(arguments));
        }
    }

    private sealed class Call
    {
        public string? Id { get; set; }

        public StringBuilder Name { get; } = new();

        public StringBuilder Arguments { get; } = new();
    }
}
