using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Ai.Tools;

/// <summary>The steps of one attempt at an agent: calls to the model and tool calls, each recorded when it is done, and taken from the record when an earlier attempt has done it (ADR 0035).</summary>
/// <param name="context">The context of the block.</param>
internal sealed class RecordedSteps(BlockContext context)
{
    private int _step;
    private int _toolCalls;

    /// <summary>Calls the model, or takes the answer that an earlier attempt got. It is counted once in each attempt.</summary>
    /// <param name="request">The call.</param>
    /// <param name="isRepeat">Whether it repeats an earlier call.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<ChatReply> AskAsync(ChatRequest request, bool isRepeat, CancellationToken cancellationToken)
    {
        context.Usage.LlmCalls++;
        if (isRepeat) context.Usage.LlmRetries++;
        var recorded = await OnceAsync("model", async () => ToJson(await context.Models.CompleteAsync(request, cancellationToken)), cancellationToken);
        var reply = ToReply(recorded!.Value);
        ModelCalls.Count(context, request, reply);
        return reply;
    }

    /// <summary>Runs a tool, or takes the result that an earlier attempt got. What it cost is counted once in each attempt.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The result; one that waits for a person is not recorded.</returns>
    public async Task<ToolResult> RunAsync(CheckedCall call, CancellationToken cancellationToken)
    {
        var number = ++_toolCalls;
        var recorded = await OnceAsync("tool", RunToolAsync, cancellationToken);
        if (recorded is not { } json) return new ToolResult { Waits = true };
        var result = ToResult(json);
        context.Usage.ExtraCost += result.Cost;
        context.Usage.ExtraSteps += result.Steps;
        context.Usage.LlmCalls += result.LlmCalls;
        context.Usage.LlmRetries += result.LlmRetries;
        context.Usage.InputTokens += result.InputTokens;
        context.Usage.OutputTokens += result.OutputTokens;
        return result;

        async Task<JsonElement?> RunToolAsync()
        {
            var ran = await context.ToolRuns!.RunAsync(call.Function.Node, call.Given, number, cancellationToken);
            return ran.Waits ? null : ToJson(ran);
        }
    }

    private async Task<JsonElement?> OnceAsync(string kind, Func<Task<JsonElement?>> work, CancellationToken cancellationToken)
    {
        // A step that fails is not counted, because it is not recorded: the next attempt begins with it.
        var done = context.Steps is { } journal ? await journal.OnceAsync(_step + 1, kind, work, cancellationToken) : await work();
        _step++;
        return done;
    }

    private static JsonElement? ToJson(ChatReply reply) => JsonSerializer.SerializeToElement(
        new ReplyRecord(reply.Text, reply.InputTokens, reply.OutputTokens, reply.ToolCalls, reply.Message, reply.CostUsd, reply.Repeats), BlockJson.Options);

    private static ChatReply ToReply(JsonElement json)
    {
        var record = json.Deserialize<ReplyRecord>(BlockJson.Options)!;
        return new ChatReply(record.Text, record.InputTokens, record.OutputTokens)
        {
            ToolCalls = record.ToolCalls,
            Message = record.Message is { } message && !message.IsNull() ? message : null,
            CostUsd = record.CostUsd,
            Repeats = record.Repeats,
        };
    }

    private static JsonElement ToJson(ToolResult result) => JsonSerializer.SerializeToElement(
        new ResultRecord([.. result.Outputs.Select(output => new OutputRecord(output.Pin, output.Value))], result.Error, result.Cost, result.Steps, result.LlmCalls, result.LlmRetries, result.InputTokens, result.OutputTokens),
        BlockJson.Options);

    private static ToolResult ToResult(JsonElement json)
    {
        var record = json.Deserialize<ResultRecord>(BlockJson.Options)!;
        return new ToolResult
        {
            Outputs = [.. record.Outputs.Select(output => new BlockOutput(output.Pin, output.Value.IsNull() ? JsonValues.Null : output.Value))],
            Error = record.Error,
            Cost = record.Cost,
            Steps = record.Steps,
            LlmCalls = record.LlmCalls,
            LlmRetries = record.LlmRetries,
            InputTokens = record.InputTokens,
            OutputTokens = record.OutputTokens,
        };
    }

    private sealed record ReplyRecord(string Text, long InputTokens, long OutputTokens, ImmutableArray<ChatToolCall> ToolCalls, JsonElement? Message, decimal CostUsd, int Repeats);

    private sealed record OutputRecord(string Pin, JsonElement Value);

    private sealed record ResultRecord(ImmutableArray<OutputRecord> Outputs, string? Error, long Cost, int Steps, int LlmCalls, int LlmRetries, long InputTokens, long OutputTokens);
}
