using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Reviews;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>Runs a block with its review, validates input and outputs, and converts exceptions to failures (contract: semantics 2.10 and 2.12).</summary>
public static class BlockRunner
{
    /// <summary>
    /// Runs a block. When the stream ends without outputs and <see cref="BlockContext.InReview"/> is true, the node waits for a review, and the caller runs the
    /// block again, with the same input, after the decision.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="input">The resolved input.</param>
    /// <param name="context">The ids and services of the node execution.</param>
    /// <param name="cancellationToken">Cancelled when the run is stopped.</param>
    /// <exception cref="BlockFailedException">The block failed; its earlier outputs stay valid.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public static async IAsyncEnumerable<BlockOutput> RunAsync(
        IBlock block, JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var definition = block.Definition;
        // Nodes without a sensitive action get no reviews, except for tools that a language model has called.
        if ((definition.SensitiveAction || definition.EffectOf(input) == BlockEffect.Irreversible) && context.Reviews is { } reviews)
        {
            var decided = await ReviewAsync(definition, reviews, input, cancellationToken);
            if (decided is null)
            {
                context.PauseForReview();
                yield break;
            }

            input = decided.Value;
        }

        if (block is IComputingBlock computing)
        {
            foreach (var output in Compute(computing, input, context.ForComputation(), cancellationToken)) yield return output;
            yield break;
        }

        var given = Checked(definition, input);
        await using var outputs = await GuardedAsync(definition, () => ValueTask.FromResult(block.RunAsync(given, context, cancellationToken).GetAsyncEnumerator(cancellationToken)), cancellationToken);
        while (await GuardedAsync(definition, outputs.MoveNextAsync, cancellationToken)) yield return Checked(definition, outputs.Current);
    }

    /// <summary>
    /// Runs a block that only computes, on the thread of the caller. It does not ask for a review, because that has to be awaited: a sensitive
    /// block in a run with reviews needs <see cref="RunAsync"/>.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="input">The resolved input.</param>
    /// <param name="context">The part of its run that the block may read.</param>
    /// <param name="cancellationToken">Checked before each output is returned; the computation of one output is not interrupted.</param>
    /// <exception cref="BlockFailedException">The block failed; its earlier outputs stay valid.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public static IEnumerable<BlockOutput> Compute(IComputingBlock block, JsonElement input, ComputationContext context, CancellationToken cancellationToken)
    {
        var definition = block.Definition;
        var given = Checked(definition, input);
        using var outputs = Guarded(definition, () => block.Compute(given, context).GetEnumerator());
        while (Guarded(definition, outputs.MoveNext))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Checked(definition, outputs.Current);
        }
    }

    /// <summary>Checks an input before anything is done for it. The other methods of this class check their input themselves.</summary>
    /// <param name="definition">The block.</param>
    /// <param name="input">The input.</param>
    /// <exception cref="BlockFailedException">The block does not accept the input.</exception>
    public static void RequireInput(BlockDefinition definition, JsonElement input) => Checked(definition, input);

    private static async Task<JsonElement?> ReviewAsync(BlockDefinition definition, IActionReviews reviews, JsonElement input, CancellationToken cancellationToken)
    {
        var decision = await reviews.DecideAsync(new ReviewRequest(input, Instructions: null, IsEditable: true), cancellationToken);
        switch (decision.State)
        {
            case ReviewState.Waiting:
                return null;
            case ReviewState.Rejected:
                throw Failed(definition, BlockFailureKind.Execution, $"Block execution rejected by reviewer: {decision.Message ?? "no reason given"}");
            default:
                var data = decision.Data ?? input;
                return data.ValueKind == JsonValueKind.Object ? data : throw Failed(definition, BlockFailureKind.Execution, "The reviewed input must be an object");
        }
    }

    private static JsonElement Checked(BlockDefinition definition, JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.Object) throw Failed(definition, BlockFailureKind.Input, "The input must be an object");
        var given = JsonValues.Object(input.EnumerateObject().Where(m => !m.Value.IsNull()).Select(m => KeyValuePair.Create(m.Name, m.Value)));
        foreach (var member in given.EnumerateObject())
            if (JsonValues.DepthProblem(member.Value, member.Name) is { } problem) throw Failed(definition, BlockFailureKind.Input, problem);

        foreach (var pin in definition.Inputs)
        {
            if (!given.TryGetProperty(pin.Name, out var value))
            {
                if (pin.Required) throw Failed(definition, BlockFailureKind.Input, $"'{pin.Name}' is required");
                continue;
            }

            if (pin.Misfit(value) is { } error) throw Failed(definition, BlockFailureKind.Input, error);
        }

        return given;
    }

    private static async ValueTask<T> GuardedAsync<T>(BlockDefinition definition, Func<ValueTask<T>> step, CancellationToken cancellationToken)
    {
        try
        {
            return await step();
        }
        catch (Exception exception) when (exception is not BlockFailedException && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw Failed(definition, exception);
        }
    }

    private static T Guarded<T>(BlockDefinition definition, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception exception) when (exception is not BlockFailedException)
        {
            throw Failed(definition, exception);
        }
    }

    private static BlockOutput Checked(BlockDefinition definition, BlockOutput output)
    {
        if (output.Pin == "error") throw Failed(definition, BlockFailureKind.Execution, PythonText.Str(output.Value));
        if (JsonValues.DepthProblem(output.Value, output.Pin) is { } problem) throw Refused(definition, output, problem);
        if (definition.Kind != BlockKind.Standard || definition.AcceptsAnyPin) return output;
        if (definition.FindOutput(output.Pin) is not { } pin) throw Refused(definition, output, $"'{output.Pin}' is not a pin of this block");
        // BlockJson writes a float that JSON does not have, such as an infinity, as null.
        if (output.Value.IsNull() && pin.Type is PinType.NumberType) return output;
        return SchemaCheck.Find(output.Value, pin.Type, pin.Name) is { } error ? throw Refused(definition, output, error) : output;
    }

    private static BlockFailedException Refused(BlockDefinition definition, BlockOutput output, string reason) =>
        new(BlockFailureKind.Output, reason, WireMessage(definition, reason)) { Pin = output.Pin };

    private static BlockFailedException Failed(BlockDefinition definition, Exception cause) =>
        Failed(definition, cause is BlockException ? BlockFailureKind.Execution : BlockFailureKind.Unknown, cause.Message, cause);

    private static BlockFailedException Failed(BlockDefinition definition, BlockFailureKind kind, string reason, Exception? inner = null) =>
        new(kind, reason, WireMessage(definition, reason), inner);

    private static string WireMessage(BlockDefinition definition, string reason) => $"raised by {definition.Name} with message: {reason}. block_id: {definition.Id}";
}
