using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>A block whose pins are the properties of two records; definition and schemas are generated from them.</summary>
/// <typeparam name="TInput">The input pins, see <see cref="PinAttribute"/>.</typeparam>
/// <typeparam name="TOutput">The output pins in order. Never instantiated by the platform.</typeparam>
public abstract class Block<TInput, TOutput> : IBlock
{
    private readonly Dictionary<string, string> _outputs;

    /// <summary>Reads the pins off the two records.</summary>
    /// <param name="costs">Prices, most specific first; none when the block is free.</param>
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
            SensitiveAction = declared.SensitiveAction,
            // Follows from the type alone. PureBlock seals the method that takes the full context, so no class can have both.
            EffectFree = this is PureBlock<TInput, TOutput> && declared is { SensitiveAction: false, Kind: not BlockKind.Agent },
            Inputs = [.. inputs.Select(p => p.Define())],
            Outputs = [.. outputs.Select(p => p.Define())],
            InputSchema = PinSchema.Of(inputs, "Input"),
            OutputSchema = PinSchema.Of(outputs, "Output"),
            Costs = costs,
        };
    }

    /// <inheritdoc/>
    public BlockDefinition Definition { get; }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlockOutput> RunAsync(JsonElement input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var output in RunAsync(Read(input), context, cancellationToken).WithCancellation(cancellationToken)) yield return output;
    }

    /// <summary>Does the work. Expected failures are a <see cref="BlockException"/>.</summary>
    /// <param name="input">The pins' values; defaults stand where there was none.</param>
    /// <param name="context">What belongs to this run.</param>
    /// <param name="cancellationToken">Cancelled when the run is stopped.</param>
    protected abstract IAsyncEnumerable<BlockOutput> RunAsync(TInput input, BlockContext context, CancellationToken cancellationToken);

    /// <summary>An output.</summary>
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

    /// <summary>An output of any serializable value.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
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
