using System.Collections.Immutable;

namespace Grainflow.Grains.Interfaces.Webhooks;

/// <summary>
/// All presets and webhooks of one user (contract: semantics 4.8 and 8.3); the key is the user's id. It makes every change of them, one after the other, so that a webhook is
/// never pruned while a preset is being attached to it.
/// </summary>
[Alias("grainflow.IUserPresetsGrain")]
public interface IUserPresetsGrain : IGrainWithStringKey
{
    /// <summary>Stores a preset. A repeated call with the same id answers what is stored.</summary>
    /// <param name="preset">The preset.</param>
    [Alias("Create")]
    Task<PresetAnswer> Create(NewPreset preset);

    /// <summary>Stores a preset with the inputs and credentials of a run.</summary>
    /// <param name="preset">The preset, whose graph, inputs and credentials are not read.</param>
    /// <param name="runId">The run.</param>
    [Alias("CreateFromRun")]
    Task<PresetAnswer> CreateFromRun(NewPreset preset, Guid runId);

    /// <summary>Stores a preset and attaches it to a webhook, which is registered at its provider when there is no suitable one.</summary>
    /// <param name="preset">The preset, whose inputs are those of the trigger node and whose credentials are those of the graph.</param>
    [Alias("SetUpTrigger"), ResponseTimeout("00:01:00")]
    Task<PresetAnswer> SetUpTrigger(NewPreset preset);

    /// <summary>Changes what the command has and leaves the rest. New inputs of a triggered preset set its webhook up again and prune the old one.</summary>
    /// <param name="change">The change.</param>
    [Alias("Update"), ResponseTimeout("00:01:00")]
    Task<PresetAnswer> Update(PresetChange change);

    /// <summary>Deletes a preset, and prunes its webhook.</summary>
    /// <param name="presetId">The preset.</param>
    [Alias("Delete"), ResponseTimeout("00:01:00")]
    Task<PresetAnswer> Delete(Guid presetId);

    /// <summary>Makes the triggered presets of a graph follow to a version of it, as far as its trigger is of the same block.</summary>
    /// <param name="graphId">The graph.</param>
    /// <param name="version">The version, which has become the active one.</param>
    /// <returns>Those that stay with their version.</returns>
    [Alias("FollowGraph")]
    Task<ImmutableArray<PinnedPreset>> FollowGraph(Guid graphId, int version);

    /// <summary>Deactivates a preset whose graph is gone, or detaches it from a webhook that cannot trigger it. Anything else is left as it is.</summary>
    /// <param name="presetId">The preset.</param>
    [Alias("Check")]
    Task Check(Guid presetId);

    /// <summary>Deregisters and deletes a webhook, unless a preset is attached to it.</summary>
    /// <param name="webhookId">The webhook.</param>
    [Alias("Prune"), ResponseTimeout("00:01:00")]
    Task Prune(Guid webhookId);

    /// <summary>Detaches the presets of each webhook of a credential, deregisters the webhooks and deletes them; 100 at most.</summary>
    /// <param name="credentialId">The credential, which is still there.</param>
    [Alias("RemoveWebhooksOf"), ResponseTimeout("00:10:00")]
    Task RemoveWebhooksOf(string credentialId);
}

/// <summary>A preset to be stored.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.NewPreset")]
public sealed record NewPreset
{
    /// <summary>The id that it gets.</summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>The graph.</summary>
    [Id(1)]
    public required Guid GraphId { get; init; }

    /// <summary>The version of the graph, from 1.</summary>
    [Id(2)]
    public required int GraphVersion { get; init; }

    /// <summary>The name.</summary>
    [Id(3)]
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    [Id(4)]
    public required string Description { get; init; }

    /// <summary>A JSON object of values by input name.</summary>
    [Id(5)]
    public JsonPayload Inputs { get; init; } = JsonPayload.EmptyObject;

    /// <summary>A JSON object of credentials by name of the input.</summary>
    [Id(6)]
    public JsonPayload Credentials { get; init; } = JsonPayload.EmptyObject;

    /// <summary>False for a preset that its webhook does not trigger.</summary>
    [Id(7)]
    public bool IsActive { get; init; } = true;

    /// <summary>The webhook of the user to which it is attached, or null.</summary>
    [Id(8)]
    public Guid? WebhookId { get; init; }
}

/// <summary>A change of a preset. What is null stays as it is.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.PresetChange")]
public sealed record PresetChange
{
    /// <summary>The preset.</summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>The name.</summary>
    [Id(1)]
    public string? Name { get; init; }

    /// <summary>What it is for.</summary>
    [Id(2)]
    public string? Description { get; init; }

    /// <summary>A JSON object of values by input name; given together with the credentials.</summary>
    [Id(3)]
    public JsonPayload? Inputs { get; init; }

    /// <summary>A JSON object of credentials by name of the input; given together with the inputs.</summary>
    [Id(4)]
    public JsonPayload? Credentials { get; init; }

    /// <summary>False for a preset that its webhook does not trigger.</summary>
    [Id(5)]
    public bool? IsActive { get; init; }
}

/// <summary>What became of a command.</summary>
public enum PresetOutcome
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>The user has no such preset, graph, run or webhook, as the reason says.</summary>
    NotFound,

    /// <summary>The graph of the preset is not there any more.</summary>
    GraphGone,

    /// <summary>Something is wrong with the command.</summary>
    Refused,

    /// <summary>The webhook could not be set up, for a reason that the user can mend.</summary>
    NotSetUp,

    /// <summary>The provider of the webhook could not be asked; the same command may succeed later.</summary>
    ProviderAway,

    /// <summary>A setting of the server is missing.</summary>
    NotConfigured,
}

/// <summary>The answer to a command.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.PresetAnswer")]
public sealed record PresetAnswer
{
    /// <summary>What became of it.</summary>
    [Id(0)]
    public required PresetOutcome Outcome { get; init; }

    /// <summary>Why it was not done; null when it was.</summary>
    [Id(1)]
    public string? Reason { get; init; }
}

/// <summary>A preset that stays with an older version of its graph, because the trigger of the newer one is another block.</summary>
[GenerateSerializer, Immutable, Alias("grainflow.PinnedPreset")]
public sealed record PinnedPreset
{
    /// <summary>The preset.</summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>Its name.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>The version that it stays with.</summary>
    [Id(2)]
    public required int Version { get; init; }
}
