using System.Text.Json;
using Grainflow.Engine.Billing;

namespace Grainflow.Engine.Catalogue;

/// <summary>Everything the rules need to know of a block without running it.</summary>
public sealed record BlockDefinition
{
    /// <summary>The block's UUID, as exported agents name it.</summary>
    public required string Id { get; init; }

    /// <summary>The class name of the contract, for example <c>CalculatorBlock</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>The block's role.</summary>
    public BlockKind Kind { get; init; }

    /// <summary>Categories of the contract, for example <c>BASIC</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>True when links that leave this block are static (contract: semantics 1.5 rule 3).</summary>
    public bool StaticOutput { get; init; }

    /// <summary>True when the block is switched off for direct use; inside graphs it still runs (contract: semantics 2.16).</summary>
    public bool Disabled { get; init; }

    /// <summary>True when a person may have to review the call first (contract: semantics 2.12).</summary>
    public bool SensitiveAction { get; init; }

    /// <summary>
    /// True when running the block changes nothing outside of its run and asks nobody outside, so that it may be run any number of
    /// times: it may then run before its dispatch is durable (ADR 0014).
    /// </summary>
    public bool EffectFree { get; init; }

    /// <summary>
    /// True for a stand-in that takes any pin: doubles of a scenario, and the contract's blocks whose pins are not
    /// declared. Pins of links are not checked then.
    /// </summary>
    public bool AcceptsAnyPin { get; init; }

    /// <summary>Input pins in declaration order.</summary>
    public IReadOnlyList<PinDefinition> Inputs { get; init; } = [];

    /// <summary>Output pins in declaration order.</summary>
    public IReadOnlyList<PinDefinition> Outputs { get; init; } = [];

    /// <summary>JSON schema of the input, as the contract publishes it.</summary>
    public required JsonElement InputSchema { get; init; }

    /// <summary>JSON schema of the output, as the contract publishes it.</summary>
    public required JsonElement OutputSchema { get; init; }

    /// <summary>Prices, most specific first (decision 29). Empty when the block is free.</summary>
    public IReadOnlyList<CostRule> Costs { get; init; } = [];

    /// <summary>The input pin of that name, or null.</summary>
    /// <param name="name">A base pin name, without dynamic parts.</param>
    public PinDefinition? FindInput(string name) => Find(Inputs, name);

    /// <summary>The output pin of that name, or null.</summary>
    /// <param name="name">A base pin name, without dynamic parts.</param>
    public PinDefinition? FindOutput(string name) => Find(Outputs, name);

    private static PinDefinition? Find(IReadOnlyList<PinDefinition> pins, string name)
    {
        for (var i = 0; i < pins.Count; i++)
            if (string.Equals(pins[i].Name, name, StringComparison.Ordinal)) return pins[i];
        return null;
    }
}
