using System.Text.Json;
using Grainflow.Engine.Billing;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Catalogue;

/// <summary>The properties of a block that the Engine needs, without the code that runs it.</summary>
public sealed record BlockDefinition
{
    /// <summary>The block's UUID, with which exported agents refer to it.</summary>
    public required string Id { get; init; }

    /// <summary>The class name of the contract, for example <c>CalculatorBlock</c>.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence that user interfaces show.</summary>
    public string Description { get; init; } = "";

    /// <summary>The role of the block in graphs.</summary>
    public BlockKind Kind { get; init; }

    /// <summary>Categories of the contract, for example <c>BASIC</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>True when links that leave this block are static (contract: semantics 1.5 rule 3).</summary>
    public bool StaticOutput { get; init; }

    /// <summary>True when the block is not listed and cannot be executed directly; in graphs it still runs (contract: semantics 2.16).</summary>
    public bool Disabled { get; init; }

    /// <summary>True when a graph may require that a person reviews the execution first (contract: semantics 2.12).</summary>
    public bool SensitiveAction { get; init; }

    /// <summary>True when one execution may emit several values on one pin, so that the nodes behind it may run more than once.</summary>
    public bool EmitsSeveral { get; init; }

    /// <summary>
    /// True when the block neither changes nor reads anything outside of its run, so that it may run any number of times and before its dispatch is
    /// durable (ADR 0014).
    /// </summary>
    public bool EffectFree { get; init; }

    /// <summary>
    /// True when the block mostly waits for time to pass. Such a block has no place in the pool of blocks, so that others do not wait for it, and no time limit of its own:
    /// its run has one.
    /// </summary>
    public bool Waits { get; init; }

    /// <summary>The worst that one execution of the block does outside of its run. A block that declares nothing counts as one that changes something (contract: decision 38).</summary>
    public BlockEffect Effect { get; init; } = BlockEffect.Write;

    /// <summary>The pin whose value makes the effect smaller than <see cref="Effect"/>; null when it is always the same.</summary>
    public EffectByPin? EffectByPin { get; init; }

    /// <summary>
    /// True when the block accepts any pin, and pins of links are not checked: the scripted blocks of a scenario, and the contract's blocks
    /// that do not declare pins.
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

    /// <summary>The webhook that starts a graph at the block; null for a block that no webhook starts.</summary>
    public WebhookTrigger? Webhook { get; init; }

    /// <summary>The prices, most specific first (decision 29); empty when the block is free.</summary>
    public IReadOnlyList<CostRule> Costs { get; init; } = [];

    /// <summary>The input pin with this name, or null.</summary>
    /// <param name="name">A base pin name, without dynamic parts.</param>
    public PinDefinition? FindInput(string name) => Find(Inputs, name);

    /// <summary>The output pin with this name, or null.</summary>
    /// <param name="name">A base pin name, without dynamic parts.</param>
    public PinDefinition? FindOutput(string name) => Find(Outputs, name);

    /// <summary>The effect of an execution with this input.</summary>
    /// <param name="input">The input, without or with the defaults of missing pins.</param>
    public BlockEffect EffectOf(JsonElement input) => EffectByPin is { } by ? by.Find(input.Member(by.Pin) ?? FindInput(by.Pin)?.Default) ?? Effect : Effect;

    private static PinDefinition? Find(IReadOnlyList<PinDefinition> pins, string name)
    {
        for (var i = 0; i < pins.Count; i++)
            if (string.Equals(pins[i].Name, name, StringComparison.Ordinal)) return pins[i];
        return null;
    }
}
