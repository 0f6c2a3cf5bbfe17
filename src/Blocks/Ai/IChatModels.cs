using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Ai;

/// <summary>Calls language models (contract: block-tiers, tier 2).</summary>
public interface IChatModels
{
    /// <summary>Makes one call and waits for the whole answer.</summary>
    /// <param name="request">The messages and the model.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ChatModelException">The provider refused the call, gave an invalid answer or none, or could not be reached.</exception>
    Task<ChatReply> CompleteAsync(ChatRequest request, CancellationToken cancellationToken);

    /// <summary>What is known of a model: its row in the <see cref="ModelTable"/>, and for any other name the limits of the settings and the provider of the credential.</summary>
    /// <param name="model">The model's id, as a pin names it.</param>
    /// <param name="provider">The provider of the credential.</param>
    ModelInfo Describe(string model, string provider) => ModelTable.Find(model) ?? ModelTable.Unknown(model, provider);
}

/// <summary>One chat call.</summary>
public sealed record ChatRequest
{
    /// <summary>The model's id, as the pin names it.</summary>
    public required string Model { get; init; }

    /// <summary>The messages in order.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The caller's limit of output tokens, 1 or more; null leaves it to the model's own limit.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>True to ask for a JSON object where the provider can.</summary>
    public bool JsonMode { get; init; }

    /// <summary>The tools that the model may call; empty for none.</summary>
    public ImmutableArray<ChatTool> Tools { get; init; } = [];

    /// <summary>Whether the model may call several tools at once; null leaves it to the provider.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>The host of an Ollama server, with its port, as the user gives it; null for the default.</summary>
    public string? OllamaHost { get; init; }

    /// <summary>The effort of an answer through OpenAI's Responses API; null for a chat call.</summary>
    public ReasoningCall? Reasoning { get; init; }

    /// <summary>Shows the text of the answer while it is streamed; null to show nothing.</summary>
    public PartialAnswer? Partial { get; init; }

    /// <summary>The API key, of the provider that serves the model.</summary>
    public required Credential Credential { get; init; }
}

/// <summary>The pin that shows the text of an answer while it is streamed.</summary>
/// <param name="Text">Where it is shown.</param>
/// <param name="Pin">The output pin that will get the text.</param>
public sealed record PartialAnswer(IPartialText Text, string Pin)
{
    /// <summary>Begins the answer; what an earlier call has given is not shown any more.</summary>
    public void Begin() => Text.Begin(Pin);

    /// <summary>Adds to it.</summary>
    /// <param name="text">What has arrived; null and empty for nothing.</param>
    public void Append(string? text)
    {
        if (!string.IsNullOrEmpty(text)) Text.Append(text);
    }
}

/// <summary>A call to OpenAI's Responses API in place of a chat call (contract: block-tiers, Code Generation).</summary>
/// <param name="Effort"><c>low</c>, <c>medium</c> or <c>high</c>; null for none.</param>
public sealed record ReasoningCall(string? Effort);

/// <summary>A tool that a model may call.</summary>
/// <param name="Name">Its name: letters, digits, <c>_</c> and <c>-</c>.</param>
/// <param name="Description">What it does, for the model.</param>
/// <param name="Parameters">The JSON schema of its arguments, an object.</param>
public sealed record ChatTool(string Name, string Description, JsonElement Parameters);

/// <summary>A tool call that a model asks for. Nothing in it is checked.</summary>
/// <param name="Id">The id by which the result names it.</param>
/// <param name="Name">The name of the tool.</param>
/// <param name="Arguments">The arguments, which should be the text of a JSON object.</param>
public sealed record ChatToolCall(string Id, string Name, string Arguments);

/// <summary>A model's answer.</summary>
/// <param name="Text">The text; may be empty.</param>
/// <param name="InputTokens">Tokens of the request, as the provider counted them; estimated when it did not say, or something impossible.</param>
/// <param name="OutputTokens">Tokens of the answer, likewise.</param>
public sealed record ChatReply(string Text, long InputTokens, long OutputTokens)
{
    /// <summary>The tool calls that the model asks for; empty for none.</summary>
    public ImmutableArray<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>What the model shows of its reasoning, or null.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The answer as a message of the conversation, in the form of the provider; null for an assistant's message with the text and the tool calls in OpenAI's form.</summary>
    public JsonElement? Message { get; init; }

    /// <summary>The sources that a web-grounded answer names, each an object; null when the provider named none.</summary>
    public JsonElement? Annotations { get; init; }

    /// <summary>The provider's id of the answer, or null.</summary>
    public string? Id { get; init; }

    /// <summary>US dollars that the provider says the call cost, 0 or more; 0 when it did not say.</summary>
    public decimal CostUsd { get; init; }

    /// <summary>How many times the call was sent again, because the provider asked to wait.</summary>
    public int Repeats { get; init; }
}

/// <summary>A chat call failed. The message has no secrets; where the provider gave a reason, it is the provider's message.</summary>
public sealed class ChatModelException : Exception
{
    /// <summary>Makes the failure of a chat call.</summary>
    /// <param name="message">What failed. Users see it.</param>
    /// <param name="inner">The cause, or null.</param>
    public ChatModelException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
