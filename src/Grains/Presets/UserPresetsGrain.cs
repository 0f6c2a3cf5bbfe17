using System.Collections.Immutable;
using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Credentials;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Grains.Placement;
using Grainflow.Grains.Webhooks;
using Grainflow.Grains.Webhooks.Providers;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Presets;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace Grainflow.Grains.Presets;

/// <inheritdoc cref="IUserPresetsGrain"/>
/// <remarks>
/// The rows are the record; this grain keeps nothing. A second activation of the same user cannot delete a webhook that this one has attached a preset to: a constraint of the
/// database forbids it.
/// </remarks>
[PreferLocalPlacement, StayingSilos]
internal sealed partial class UserPresetsGrain(
    IPresetStore presets, IWebhookStore webhooks, WebhookSetup setup, GraphCache graphs, IExecutionQueries runs, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<UserPresetsGrain> logger)
    : Grain, IUserPresetsGrain
{
    /// <summary>More webhooks of one credential are not looked at (contract: semantics 4.7).</summary>
    private const int MostWebhooks = 100;

    private static readonly PresetAnswer Done = new() { Outcome = PresetOutcome.Done };

    private string UserId => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public async Task<PresetAnswer> Create(NewPreset preset)
    {
        if (await presets.FindAsync(UserId, preset.Id, CancellationToken.None) is not null) return Done;
        if (await FindGraphAsync(preset.GraphId, preset.GraphVersion) is null) return GraphNotFound(preset.GraphId, preset.GraphVersion);
        if (preset.WebhookId is { } webhookId && (await webhooks.FindAsync(webhookId, CancellationToken.None))?.UserId != UserId) return Refused(PresetOutcome.NotFound, $"Webhook #{webhookId} not found");
        var (inputs, credentials) = PresetInputs.Divide(Read(preset.Inputs), Read(preset.Credentials));
        return await InsertAsync(preset, inputs, credentials);
    }

    /// <inheritdoc/>
    public async Task<PresetAnswer> CreateFromRun(NewPreset preset, Guid runId)
    {
        if (await presets.FindAsync(UserId, preset.Id, CancellationToken.None) is not null) return Done;
        if (await runs.FindAsync(UserId, runId, CancellationToken.None) is not { } run) return Refused(PresetOutcome.NotFound, $"Graph execution #{runId} not found");
        if (await FindGraphAsync(run.GraphId, run.GraphVersion) is not { } graph) return GraphNotFound(run.GraphId, run.GraphVersion);
        if (run.CredentialInputs is null && NeedsCredentials(graph))
        {
            return Refused(
                PresetOutcome.Refused,
                $"Graph execution #{runId} can't be turned into a preset because it was executed before credentials were stored with executions and the graph needs some; run the graph again and use that run.");
        }

        var (inputs, credentials) = PresetInputs.Divide(JsonValues.ParseUtf8(run.Inputs.Span), run.CredentialInputs is { } given ? JsonValues.ParseUtf8(given.Span) : JsonValues.EmptyObject);
        return await InsertAsync(preset with { GraphId = run.GraphId, GraphVersion = run.GraphVersion }, inputs, credentials);
    }

    /// <inheritdoc/>
    public async Task<PresetAnswer> SetUpTrigger(NewPreset preset)
    {
        if (await presets.FindAsync(UserId, preset.Id, CancellationToken.None) is not null) return Done;
        if (await FindGraphAsync(preset.GraphId, preset.GraphVersion) is not { } graph) return Refused(PresetOutcome.GraphGone, $"Graph #{preset.GraphId} not accessible (anymore)");
        if (TriggerNode.Of(graph) is not { } trigger) return Refused(PresetOutcome.NotSetUp, $"Graph #{preset.GraphId} does not have a webhook node");
        var (webhook, config, refusal) = await SetUpAsync(trigger, preset, attached: null, "Could not set up webhook");
        if (webhook is null) return refusal!;
        var (inputs, credentials) = PresetInputs.Divide(config, Read(preset.Credentials));
        return await InsertAsync(preset with { WebhookId = webhook.Id }, inputs, credentials);
    }

    /// <inheritdoc/>
    public async Task<PresetAnswer> Update(PresetChange change)
    {
        if (await presets.FindAsync(UserId, change.Id, CancellationToken.None) is not { } current) return NotFound(change.Id);
        if (change.Inputs is null != change.Credentials is null) return Refused(PresetOutcome.Refused, "inputs and credentials must be given together, because both are replaced; send both, or neither.");
        if (await FindGraphAsync(current.GraphId, current.GraphVersion) is not { } graph) return Refused(PresetOutcome.GraphGone, $"Graph #{current.GraphId} not accessible (anymore)");
        var changed = current with
        {
            Name = change.Name ?? current.Name,
            Description = change.Description ?? current.Description,
            IsActive = change.IsActive ?? current.IsActive,
            UpdatedAt = clock.GetUtcNow(),
        };
        if (change is { Inputs: { } inputs, Credentials: { } credentials })
        {
            var config = Read(inputs);
            if (TriggerNode.Of(graph) is { } trigger)
            {
                var wanted = new NewPreset { Id = current.Id, GraphId = current.GraphId, GraphVersion = current.GraphVersion, Name = "", Description = "", Inputs = inputs, Credentials = credentials };
                (var webhook, config, var refusal) = await SetUpAsync(trigger, wanted, current.WebhookId, "Could not update trigger configuration");
                if (webhook is null) return refusal!;
                changed = changed with { WebhookId = webhook.Id };
            }

            var (plain, named) = PresetInputs.Divide(config, Read(credentials));
            changed = changed with { Inputs = plain, Credentials = named };
        }

        if (!await presets.SaveAsync(changed, CancellationToken.None)) return NotFound(change.Id);
        if (current.WebhookId is { } old && old != changed.WebhookId) await PruneAsync(old);
        return Done;
    }

    /// <inheritdoc/>
    public async Task<PresetAnswer> Delete(Guid presetId)
    {
        if (await presets.FindAsync(UserId, presetId, CancellationToken.None) is not { } preset) return NotFound(presetId);
        // One statement detaches and deletes it. What a crash leaves is a webhook without presets, which the clean-up prunes.
        if (!await presets.DeleteAsync(UserId, presetId, clock.GetUtcNow(), CancellationToken.None)) return NotFound(presetId);
        if (preset.WebhookId is { } webhookId) await PruneAsync(webhookId);
        return Done;
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<PinnedPreset>> FollowGraph(Guid graphId, int version)
    {
        var triggered = (await presets.TriggeredOfGraphAsync(UserId, graphId, CancellationToken.None)).Where(preset => preset.GraphVersion != version).ToList();
        if (triggered.Count == 0 || await FindGraphAsync(graphId, version) is not { } newer) return [];
        var pinned = ImmutableArray.CreateBuilder<PinnedPreset>();
        foreach (var preset in triggered)
        {
            if (await HasTriggerOfAsync(preset, newer) && await presets.SaveAsync(preset with { GraphVersion = version, UpdatedAt = clock.GetUtcNow() }, CancellationToken.None)) continue;
            pinned.Add(new PinnedPreset { Id = preset.Id, Name = preset.Name, Version = preset.GraphVersion });
        }

        return pinned.ToImmutable();
    }

    /// <inheritdoc/>
    public async Task Check(Guid presetId)
    {
        if (await presets.FindAsync(UserId, presetId, CancellationToken.None) is not { WebhookId: { } webhookId } preset) return;
        if (await FindGraphAsync(preset.GraphId, preset.GraphVersion) is not { } graph)
        {
            if (preset.IsActive) await presets.SaveAsync(preset with { IsActive = false, UpdatedAt = clock.GetUtcNow() }, CancellationToken.None);
            Deactivated(presetId, preset.GraphId);
        }
        else if (TriggerNode.Of(graph) is null)
        {
            await presets.SaveAsync(preset with { WebhookId = null, UpdatedAt = clock.GetUtcNow() }, CancellationToken.None);
            Detached(presetId, webhookId);
            await PruneAsync(webhookId);
        }
    }

    /// <inheritdoc/>
    public Task Prune(Guid webhookId) => PruneAsync(webhookId);

    /// <inheritdoc/>
    public async Task RemoveWebhooksOf(string credentialId)
    {
        foreach (var webhook in await webhooks.OfCredentialAsync(UserId, credentialId, MostWebhooks, CancellationToken.None))
        {
            await presets.DetachAsync(webhook.Id, clock.GetUtcNow(), CancellationToken.None);
            await setup.PruneAsync(webhook, isLast: true);
        }
    }

    private static PresetAnswer Refused(PresetOutcome outcome, string reason) => new() { Outcome = outcome, Reason = reason };

    private static PresetAnswer GraphNotFound(Guid graphId, int version) => Refused(PresetOutcome.NotFound, $"Graph #{graphId} v{version} not found");

    private static JsonElement Read(JsonPayload json) => JsonValues.Clean(JsonValues.ParseUtf8(json.Memory.Span));

    private static bool NeedsCredentials(GraphIndex graph) => graph.Graph.Nodes.Any(node => graph.FindBlock(node.Id)?.Inputs.Any(pin => pin.Credentials is not null && pin.Required) == true);

    private static string Clean(string text) => text.Replace("\0", "", StringComparison.Ordinal);

    private PresetAnswer NotFound(Guid presetId) => Refused(PresetOutcome.NotFound, $"Preset #{presetId} not found for user #{UserId}");

    /// <summary>A version of a graph of the user, which counts as in his library (decision 39); null when it is not there.</summary>
    private async Task<GraphIndex?> FindGraphAsync(Guid graphId, int version) =>
        await graphs.FindAsync(graphId, version, CancellationToken.None) is { } graph && graph.UserId == UserId ? graph.Index : null;

    private async Task<bool> HasTriggerOfAsync(PresetRow preset, GraphIndex newer) =>
        await FindGraphAsync(preset.GraphId, preset.GraphVersion) is { } older && TriggerNode.Of(older) is { } before && TriggerNode.Of(newer) is { } after
        && string.Equals(before.Block.Id, after.Block.Id, StringComparison.OrdinalIgnoreCase);

    private async Task<(WebhookRow? Webhook, JsonElement Config, PresetAnswer? Refusal)> SetUpAsync(TriggerNode trigger, NewPreset preset, Guid? attached, string failure)
    {
        if (options.Value.PlatformBaseUrl is null)
            return (null, default, Refused(PresetOutcome.NotConfigured, "PLATFORM_BASE_URL must be set so that providers can send webhooks to this server."));
        var masks = await GrainFactory.GetGrain<IGraphGrain>(preset.GraphId).MapCredentials(UserId, preset.GraphVersion, JsonPayload.Wrap(JsonValues.CompactUtf8(Read(preset.Credentials))));
        if (masks is null) return (null, default, Refused(PresetOutcome.GraphGone, $"Graph #{preset.GraphId} not accessible (anymore)"));
        var config = PresetInputs.Config(trigger, Read(preset.Inputs), masks);
        try
        {
            var (webhook, feedback) = await setup.SetUpAsync(UserId, trigger, config, preset.Id, attached);
            return (webhook, config, webhook is null ? Refused(PresetOutcome.NotSetUp, $"{failure}: {feedback}") : null);
        }
        catch (WebhookSetupException refusal)
        {
            return (null, config, Refused(refusal.IsPassing ? PresetOutcome.ProviderAway : PresetOutcome.NotSetUp, $"{failure}: {refusal.Message}"));
        }
        catch (CredentialUnusableException unusable)
        {
            return (null, config, Refused(PresetOutcome.NotSetUp, $"{failure}: {unusable.Message}"));
        }
    }

    private async Task<PresetAnswer> InsertAsync(NewPreset preset, byte[] inputs, byte[] credentials)
    {
        var now = clock.GetUtcNow();
        var stored = await presets.InsertAsync(
            new PresetRow
            {
                Id = preset.Id,
                UserId = UserId,
                GraphId = preset.GraphId,
                GraphVersion = preset.GraphVersion,
                Name = Clean(preset.Name),
                Description = Clean(preset.Description),
                Inputs = inputs,
                Credentials = credentials,
                IsActive = preset.IsActive,
                WebhookId = preset.WebhookId,
                CreatedAt = now,
                UpdatedAt = now,
            },
            CancellationToken.None);
        return stored ? Done : throw new InvalidOperationException($"Preset {preset.Id} could not be stored: its id is taken, or its webhook was deleted meanwhile.");
    }

    private async Task PruneAsync(Guid webhookId)
    {
        if (await webhooks.FindAsync(webhookId, CancellationToken.None) is not { } webhook || webhook.UserId != UserId) return;
        // Attached ones are not deregistered, and the deletion itself checks it again.
        if ((await presets.OfWebhooksAsync([webhookId], CancellationToken.None)).Count == 0) await setup.PruneAsync(webhook, isLast: false);
    }

    [LoggerMessage(2907, LogLevel.Warning, "Preset {PresetId} was deactivated, because graph {GraphId} is not accessible any more.")]
    private partial void Deactivated(Guid presetId, Guid graphId);

    [LoggerMessage(2908, LogLevel.Warning, "Preset {PresetId} was detached from webhook {WebhookId}, because its graph has no node that a webhook triggers.")]
    private partial void Detached(Guid presetId, Guid webhookId);
}
