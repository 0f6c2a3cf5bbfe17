using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>The base of blocks whose pins are the properties of two records. The definition and the schemas are generated from the records.</summary>
/// <typeparam name="TInput">The input pins; see <see cref="PinAttribute"/>.</typeparam>
/// <typeparam name="TOutput">The output pins in order. The platform does not create instances of it.</typeparam>
public abstract class Block<TInput, TOutput> : IBlock, IRepriced
{
    private readonly Dictionary<string, string> _outputs;

    /// <summary>Generates the definition from the attribute of the class and the two records.</summary>
    /// <param name="costs">The prices, most specific first; empty when the block is free.</param>
    /// <exception cref="InvalidOperationException">The class has no <see cref="BlockAttribute"/>.</exception>
    protected Block(params IReadOnlyList<CostRule> costs)
    {
        var declared = GetType().GetCustomAttribute<BlockAttribute>() ?? throw new InvalidOperationException($"{GetType().Name} has no {nameof(BlockAttribute)}.");
        var inputs = PinReader.Read(typeof(TInput));
        var outputs = PinReader.Read(typeof(TOutput));
        _outputs = outputs.ToDictionary(p => p.PropertyName, p => p.Name, StringComparer.Ordinal);
        Definition = new BlockDefinition
        {
            Id = declared.Id,
            Name = GetType().Name,
            Description = declared.Description,
            Kind = declared.Kind,
            Categories = declared.Categories,
            StaticOutput = declared.StaticOutput,
            Disabled = declared.Disabled,
            Waits = declared.Waits,
            EmitsSeveral = declared.EmitsSeveral,
            Webhook = GetType().GetCustomAttribute<WebhookTriggerAttribute>()?.Trigger,
            SensitiveAction = declared.SensitiveAction,
            // The base class decides: PureBlock seals the method that gets the full context, so no class can override both.
            EffectFree = this is PureBlock<TInput, TOutput> && declared is { SensitiveAction: false, Kind: not BlockKind.Agent },
            Effect = declared.EffectOrUnset ?? (this is PureBlock<TInput, TOutput> ? BlockEffect.None : BlockEffect.Write),
            EffectByPin = declared.MethodPin is { } pin ? new EffectByPin(pin, EffectByPin.OfMethods) : null,
            Inputs = [.. inputs.Select(p => p.Define())],
            Outputs = [.. outputs.Select(p => p.Define())],
            InputSchema = PinSchema.Of(inputs, "Input"),
            OutputSchema = PinSchema.Of(outputs, "Output"),
            Costs = costs,
        };
    }

    /// <inheritdoc/>
    public BlockDefinition Definition { get; private set; }

    /// <inheritdoc/>
    void IRepriced.Reprice(IReadOnlyList<CostRule> costs) => Definition = Definition with { Costs = costs };

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlockOutput> RunAsync(JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var output in RunAsync(Read(input), context, cancellationToken).WithCancellation(cancellationToken)) yield return output;
    }

    /// <summary>Runs the block. It throws a <see cref="BlockException"/> for failures that it expects.</summary>
    /// <param name="input">The values of the pins, with defaults for missing ones.</param>
    /// <param name="context">The ids and services of this node execution.</param>
    /// <param name="cancellationToken">Cancelled when the run is stopped.</param>
    protected abstract IAsyncEnumerable<BlockOutput> RunAsync(TInput input, BlockContext context, CancellationToken cancellationToken);

    /// <summary>Creates an output.</summary>
    /// <param name="property">The property of the output record, by <see langword="nameof"/>.</param>
    /// <param name="value">The value.</param>
    protected BlockOutput Emit(string property, JsonElement value) =>
        new(_outputs.TryGetValue(property, out var pin) ? pin : throw new ArgumentException($"{GetType().Name} has no output {property}.", nameof(property)), value.IsNull() ? JsonValues.Null : value);

    /// <inheritdoc cref="Emit(string, JsonElement)"/>
    protected BlockOutput Emit(string property, string? value) => Emit(property, JsonValues.From(value));

    /// <inheritdoc cref="Emit(string, JsonElement)"/>
    protected BlockOutput Emit(string property, long value) => Emit(property, JsonValues.From(value));

    /// <inheritdoc cref="Emit(string, JsonElement)"/>
    protected BlockOutput Emit(string property, double value) => Emit(property, JsonValues.From(value));

    /// <inheritdoc cref="Emit(string, JsonElement)"/>
    protected BlockOutput Emit(string property, bool value) => Emit(property, JsonValues.From(value));

    /// <summary>Creates an output whose value is serialized to JSON.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="property">The property of the output record, by <see langword="nameof"/>.</param>
    /// <param name="value">The value.</param>
    protected BlockOutput EmitObject<T>(string property, T value) => Emit(property, JsonSerializer.SerializeToElement(value, BlockJson.Options));

    private protected static TInput Read(JsonElement input)
    {
        try
        {
            return input.Deserialize<TInput>(BlockJson.Options)!;
        }
        catch (JsonException e)
        {
            throw new BlockException($"The input cannot be read at {e.Path}", e);
        }
    }
}

/// <summary>A block whose prices are those of the settings. Only the catalogue changes them, before anybody sees the block.</summary>
internal interface IRepriced : IBlock
{
    /// <summary>Replaces the prices.</summary>
    /// <param name="costs">The prices, most specific first.</param>
    void Reprice(IReadOnlyList<CostRule> costs);
}

/// <summary>The base of output records: nearly all blocks have the pin <c>error</c> first (contract: block-tiers, "Common facts").</summary>
public abstract record BlockResult
{
    /// <summary>The text of the failure.</summary>
    public string Error { get; init; } = "";
}
