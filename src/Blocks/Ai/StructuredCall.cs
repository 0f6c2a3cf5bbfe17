using System.Security.Cryptography;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai;

/// <summary>
/// Asks a model, for a text or for JSON with certain keys, and asks again when the call fails or the answer is not what was asked for (contract: block-tiers, AI Structured
/// Response Generator).
/// </summary>
internal sealed record StructuredCall
{
    private const int TagLength = 16;

    /// <summary>The model's id.</summary>
    public required string Model { get; init; }

    /// <summary>The user's prompt, filled; not sent when it is empty.</summary>
    public required string Prompt { get; init; }

    /// <summary>The system prompt, filled; not sent when it is empty.</summary>
    public string SystemPrompt { get; init; } = "";

    /// <summary>The messages before.</summary>
    public IReadOnlyList<ChatMessage> History { get; init; } = [];

    /// <summary>The keys of the answer with descriptions; empty to ask for a text.</summary>
    public IReadOnlyDictionary<string, string> Format { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>True to ask for a list of objects with these keys.</summary>
    public bool IsList { get; init; }

    /// <summary>True to ask for nothing but JSON, in the JSON mode of the provider where it has one.</summary>
    public bool IsPureJson { get; init; }

    /// <summary>How many calls are made at most; less than 1 counts as 1.</summary>
    public long Retry { get; init; } = 3;

    /// <summary>The limit of output tokens, or null.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>Whether a long prompt is shortened.</summary>
    public bool Compresses { get; init; } = true;

    /// <summary>The host of an Ollama server.</summary>
    public string? OllamaHost { get; init; }

    /// <summary>The output pin that gets the text of the answer as it is, and shows it while it comes; null to show nothing.</summary>
    public string? PartialPin { get; init; }

    /// <summary>What a call gave.</summary>
    /// <param name="Text">The answer as the model wrote it.</param>
    /// <param name="Value">What was asked for: an object or a list; for a text an object with the key <c>response</c>.</param>
    /// <param name="Sent">The messages of the last call.</param>
    internal sealed record Result(string Text, JsonElement Value, IReadOnlyList<ChatMessage> Sent);

    /// <summary>Makes the call.</summary>
    /// <param name="context">The context of the block.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="BlockException">No call gave what was asked for.</exception>
    public async Task<Result> RunAsync(BlockContext context, CancellationToken cancellationToken)
    {
        var credential = context.Credentials["credentials"];
        var model = context.Models.Describe(Model, credential.Provider);
        // Another tag each time: a text that the model was given cannot know it.
        var format = new AnswerFormat(Format, IsList, IsPureJson, RandomNumberGenerator.GetHexString(TagLength, lowercase: true));
        var messages = Messages(format);
        var limit = ModelCalls.Limit(MaxTokens);
        for (var (left, isRepeat) = (Math.Max(1, Retry), false); ; left--, isRepeat = true)
        {
            string problem;
            try
            {
                var sent = Compresses ? PromptCompression.Fit(messages, model.ContextWindow) : messages;
                var request = new ChatRequest
                {
                    Model = model.Id,
                    Messages = sent,
                    MaxTokens = limit,
                    JsonMode = IsPureJson,
                    OllamaHost = OllamaHost,
                    Partial = PartialPin is { } pin && context.Partial is { } shown ? new PartialAnswer(shown, pin) : null,
                    Credential = credential,
                };
                var reply = await ModelCalls.CompleteAsync(context, request, isRepeat, cancellationToken);
                if (Format.Count == 0) return new Result(reply.Text, JsonValues.Object(KeyValuePair.Create("response", JsonValues.From(reply.Text))), sent);
                if (format.TryRead(reply.Text, out var value, out problem)) return new Result(reply.Text, value, sent);
                messages = [.. messages, new ChatMessage("assistant", reply.Text), new ChatMessage("user", format.Complaint(problem))];
            }
            catch (ChatModelException e)
            {
                if (left <= 1) throw new BlockException(e.Message, e);
                limit = ModelCalls.LimitAfter(limit, model, e.Message);
                continue;
            }

            if (left <= 1) throw new BlockException($"The model did not answer in the wanted form: {problem}");
        }
    }

    private List<ChatMessage> Messages(AnswerFormat format)
    {
        List<ChatMessage> messages = [.. History];
        if (SystemPrompt.Length > 0) messages.Add(new ChatMessage("system", SystemPrompt));
        if (Format.Count > 0) messages.Add(new ChatMessage("system", format.Instructions()));
        if (Prompt.Length > 0) messages.Add(new ChatMessage("user", Prompt));
        return messages;
    }
}
