using System.Collections.Immutable;
using System.Text.Json;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>A chat call as it goes to its provider.</summary>
/// <param name="Request">What the block asks for.</param>
/// <param name="Model">The model.</param>
/// <param name="Provider">The provider of the model.</param>
/// <param name="Limit">The output limit to send, in tokens.</param>
/// <param name="Streams">Whether the answer is asked for as a stream.</param>
internal sealed record ModelCall(ChatRequest Request, ModelInfo Model, ChatProvider Provider, int Limit, bool Streams)
{
    /// <summary>The id by which the provider knows the model.</summary>
    public string ServedModel => ModelTable.Served(Model.Id);

    /// <summary>The tools that are sent.</summary>
    public ImmutableArray<ChatTool> Tools => Provider.Tools == ToolSupport.Sent ? Request.Tools : [];
}

/// <summary>What a provider answered.</summary>
internal sealed record ModelAnswer
{
    /// <summary>The text; empty for none.</summary>
    public string Text { get; init; } = "";

    /// <summary>The tool calls.</summary>
    public ImmutableArray<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>What the model shows of its reasoning, or null.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The answer as a message of the conversation; null for the usual form.</summary>
    public JsonElement? Message { get; init; }

    /// <summary>The sources of the answer, or null.</summary>
    public JsonElement? Annotations { get; init; }

    /// <summary>The provider's id of the answer, or null.</summary>
    public string? Id { get; init; }

    /// <summary>The provider's count of tokens sent; null when it gave none, or one that cannot be.</summary>
    public long? InputTokens { get; init; }

    /// <summary>The provider's count of tokens of the answer, likewise.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>US dollars that the provider asks for; 0 when it does not say.</summary>
    public decimal CostUsd { get; init; }
}
