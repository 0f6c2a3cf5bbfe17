using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Templates;

namespace Grainflow.Blocks.Ai;

/// <summary>What the AI blocks share: counted calls, prompts that are templates, and the smaller answer after one that was too long.</summary>
internal static class ModelCalls
{
    // After a call that exceeded the context window, the output limit of the next call is multiplied by this.
    private const double LimitReduction = 0.85;

    /// <summary>Makes one call and counts it.</summary>
    /// <param name="context">The context of the block.</param>
    /// <param name="request">The call.</param>
    /// <param name="isRepeat">Whether it repeats an earlier call of the block.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static async Task<ChatReply> CompleteAsync(BlockContext context, ChatRequest request, bool isRepeat, CancellationToken cancellationToken)
    {
        context.Usage.LlmCalls++;
        if (isRepeat) context.Usage.LlmRetries++;
        var reply = await context.Models.CompleteAsync(request, cancellationToken);
        Count(context, request, reply);
        return reply;
    }

    /// <summary>Adds what a call has used. What a provider counted is never negative here, and a sum does not overflow.</summary>
    /// <param name="context">The context of the block.</param>
    /// <param name="request">The call.</param>
    /// <param name="reply">The answer.</param>
    public static void Count(BlockContext context, ChatRequest request, ChatReply reply)
    {
        var usage = context.Usage;
        usage.LlmCalls += reply.Repeats;
        usage.LlmRetries += reply.Repeats;
        usage.InputTokens += Math.Max(0, reply.InputTokens);
        usage.OutputTokens += Math.Max(0, reply.OutputTokens);
        usage.CostUsd += Math.Max(0, reply.CostUsd);
        usage.ContextUsed = Math.Max(0, reply.InputTokens) + Math.Max(0, reply.OutputTokens);
        usage.ContextMax = context.Models.Describe(request.Model, request.Credential.Provider).ContextWindow;
    }

    /// <summary>Fills a prompt. Without values it is not rendered as a template, so its braces stay as they are.</summary>
    /// <param name="prompt">The template.</param>
    /// <param name="values">The values by name.</param>
    /// <exception cref="BlockException">The template is wrong.</exception>
    public static string Fill(string prompt, IReadOnlyDictionary<string, string> values)
    {
        if (values.Count == 0) return prompt;
        try
        {
            return TemplateEngine.Render(prompt, values.ToDictionary(v => v.Key, v => JsonValues.From(v.Value), StringComparer.Ordinal), escapeHtml: false);
        }
        catch (TemplateException e)
        {
            throw new BlockException(e.Message, e);
        }
    }

    /// <summary>The output limit as the user wants it; null leaves it to the model.</summary>
    /// <param name="maxTokens">The value of the pin.</param>
    public static int? Limit(long? maxTokens) => maxTokens is { } wanted ? (int)Math.Clamp(wanted, 1, int.MaxValue) : null;

    /// <summary>The limit for the next call, after one that failed: a smaller one when it asked for more tokens than there are.</summary>
    /// <param name="limit">The limit of the call that failed.</param>
    /// <param name="model">The model.</param>
    /// <param name="failure">The failure in the words of the provider.</param>
    public static int? LimitAfter(int? limit, ModelInfo model, string failure) =>
        failure.Contains("maximum context length", StringComparison.OrdinalIgnoreCase) || failure.Contains("token limit", StringComparison.OrdinalIgnoreCase)
            ? Math.Max(1, (int)((limit ?? model.MaxOutput ?? OutputLimit.Unknown) * LimitReduction))
            : limit;

    /// <summary>The messages as the value of a pin.</summary>
    /// <param name="messages">The messages.</param>
    public static JsonElement Json(IEnumerable<ChatMessage> messages) => JsonValues.Array(messages.Select(message => message.ToJson()));
}
