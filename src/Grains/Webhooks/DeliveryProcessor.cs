using System.Buffers.Binary;
using System.Text.Json;
using Grainflow.Engine.Execution;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Grains.Execution;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Grains.Interfaces.Graphs;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Grains.Users;
using Grainflow.Storage;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Presets;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Webhooks;

/// <summary>
/// Processes stored deliveries: starts a run for each preset that its webhook triggers, all runs of a batch in one statement, and writes down what became of each in another.
/// The id of a run is derived from the delivery and the preset, so a delivery that is processed again finds its runs stored. An error of one trigger is its own.
/// </summary>
internal sealed partial class DeliveryProcessor(
    IDeliveryStore deliveries, IPresetStore presets, RunFactory factory, GraphCache graphs, IRunStore runs, IGrainFactory grains, RunCounter counter, IOptions<WebhookOptions> options,
    TimeProvider clock, ILogger<DeliveryProcessor> logger)
{
    /// <summary>How often a delivery is processed in all, over about half an hour.</summary>
    internal const int MaxAttempts = 12;

    private const int MaxParallelCalls = 16;
    private const int MostReasonLetters = 2000;

    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(5);

    /// <summary>Processes deliveries and ends them, or makes them due again. Throws when the database cannot be reached; the deliveries are due again then too.</summary>
    /// <param name="given">The deliveries. One that is among them twice, such as a replay that was asked for again, is processed once.</param>
    public async Task ProcessAsync(IReadOnlyList<DeliveryRow> given)
    {
        List<DeliveryRow> batch = [.. given.DistinctBy(delivery => delivery.Id)];
        var triggers = await TriggersAsync(batch);
        foreach (var user in triggers.Select(trigger => trigger.Delivery.UserId).Distinct(StringComparer.Ordinal)) counter.Triggered(user);
        var planned = new List<PlannedTrigger>();
        foreach (var part in triggers.Chunk(MaxParallelCalls)) planned.AddRange(await Task.WhenAll(part.Select(PlanAsync)));
        var created = await StoreAsync([.. planned.Where(trigger => trigger.Plan is not null)]);
        var rows = new List<TriggerRow>();
        foreach (var trigger in planned) rows.Add(await EndAsync(trigger, created));
        var now = clock.GetUtcNow();
        var byDelivery = rows.ToLookup(row => row.DeliveryId);
        await deliveries.EndAsync([.. batch.Select(delivery => EndOf(delivery, [.. byDelivery[delivery.Id]], now))], now, CancellationToken.None);
        await QueueAsync([.. planned.Where(trigger => trigger.Plan is { } plan && created.GetValueOrDefault(plan.Row.Id) is RunCreation.Created or RunCreation.Exists)], created);
    }

    /// <summary>
    /// The presets that each delivery concerns: those that are attached to its webhook now or, once its triggers were written, those whose run could not be started then, so
    /// that a preset that was attached later is not triggered by an event from before.
    /// </summary>
    private async Task<List<Trigger>> TriggersAsync(IReadOnlyList<DeliveryRow> batch)
    {
        var attached = (await presets.OfWebhooksAsync([.. batch.Select(delivery => delivery.WebhookId).Distinct()], CancellationToken.None)).ToLookup(preset => preset.WebhookId!.Value);
        var written = (await deliveries.TriggersAsync([.. batch.Where(delivery => delivery.Attempts > 0).Select(delivery => delivery.Id)], CancellationToken.None)).ToLookup(row => row.DeliveryId);
        var triggers = new List<Trigger>();
        foreach (var delivery in batch)
        {
            if (!written.Contains(delivery.Id))
            {
                triggers.AddRange(attached[delivery.WebhookId].Select(preset => new Trigger(delivery, preset.Id, preset)));
                continue;
            }

            foreach (var row in written[delivery.Id].Where(row => row.State == TriggerState.Waiting))
                triggers.Add(new Trigger(delivery, row.PresetId, attached[delivery.WebhookId].FirstOrDefault(preset => preset.Id == row.PresetId)));
        }

        return triggers;
    }

    private async Task<PlannedTrigger> PlanAsync(Trigger trigger)
    {
        var (delivery, _, preset) = trigger;
        if (preset is null) return trigger.Skipped("The preset is not attached to the webhook any more.");
        if (delivery.Attempts >= MaxAttempts) return trigger.Failed($"It could not be processed in {MaxAttempts} attempts.");
        if (!preset.IsActive) return trigger.Skipped("The preset is inactive.");
        try
        {
            // A cached graph suffices: the statement that stores the run checks again that the graph is not deleted.
            var graph = await graphs.FindForRunAsync(preset.GraphId, preset.GraphVersion, CancellationToken.None);
            if (graph is not { IsDeleted: false } || graph.UserId != preset.UserId) return trigger.Unusable($"Graph #{preset.GraphId} v{preset.GraphVersion} is not accessible any more; the preset was deactivated.");
            if (TriggerNode.Of(graph.Index) is not { } node) return trigger.Unusable("The graph has no node that a webhook triggers; the preset was detached from the webhook.");
            var inputs = JsonValues.ParseUtf8(preset.Inputs.Span);
            if (!node.Webhook.Accepts(inputs, delivery.Event)) return trigger.Skipped($"The event filter of the preset does not select '{delivery.Event}'.");
            return new PlannedTrigger(trigger, await PlanAsync(delivery, preset, node, inputs), null);
        }
        catch (GraphNotFoundException)
        {
            return trigger.Unusable($"Graph #{preset.GraphId} v{preset.GraphVersion} is not accessible any more; the preset was deactivated.");
        }
        catch (GraphValidationException invalid)
        {
            return trigger.Failed(invalid.Message);
        }
        catch (Exception exception)
        {
            NotPlanned(exception, delivery.Id, preset.Id);
            // The message may name servers of the operator; the owner of the preset reads the reason.
            return trigger.Waiting("Its run could not be planned.");
        }
    }

    /// <summary>Plans a run with the credentials of the preset and, at the trigger node, the inputs of the preset and the payload (contract: semantics 4.8, "Preset trigger").</summary>
    private async Task<RunPlan> PlanAsync(DeliveryRow delivery, PresetRow preset, TriggerNode node, JsonElement inputs)
    {
        var credentials = JsonPayload.Wrap(preset.Credentials.ToArray());
        var mapped = credentials.Size <= 2 ? JsonPayload.EmptyObject : await grains.GetGrain<IGraphGrain>(preset.GraphId).MapCredentials(preset.UserId, preset.GraphVersion, credentials);
        var command = new StartRun
        {
            UserId = preset.UserId,
            GraphId = preset.GraphId,
            GraphVersion = preset.GraphVersion,
            Inputs = JsonPayload.EmptyObject,
            CredentialInputs = credentials,
            PresetId = preset.Id.ToString(),
        };
        if (mapped is null) throw factory.Gone(command);
        var masks = Members(JsonValues.ParseUtf8(mapped.Memory.Span));
        var mask = masks.TryGetValue(node.Node.Id, out var given) ? Members(given) : [];
        foreach (var (name, value) in Members(inputs)) mask[name] = value;
        mask[TriggerNode.PayloadPin] = JsonValues.ParseUtf8(delivery.Payload.Span);
        masks[node.Node.Id] = JsonValues.Object(mask);
        command = command with { Masks = JsonPayload.Wrap(JsonValues.CompactUtf8(JsonValues.Object(masks))) };
        return await factory.PlanAsync(DeliveryRow.RunOf(delivery.Id, preset.Id), command, webhook: new RunWebhook(delivery.WebhookId, delivery.Id));
    }

    private static OrderedDictionary<string, JsonElement> Members(JsonElement json)
    {
        var members = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject()) members[member.Name] = member.Value;
        return members;
    }

    private async Task<Dictionary<Guid, RunCreation?>> StoreAsync(IReadOnlyList<PlannedTrigger> planned)
    {
        if (planned.Count == 0) return [];
        try
        {
            var stored = await runs.CreateManyAsync([.. planned.Select(trigger => new PlannedRun(trigger.Plan!.Row, trigger.Plan.Nodes))], CancellationToken.None);
            return stored.ToDictionary(item => item.Key, item => (RunCreation?)item.Value);
        }
        catch (Exception exception) when (planned.Count > 1 && StorageFaults.IsBadData(exception))
        {
            // One run that the database refuses must not keep the others from being stored.
            NotStored(exception, planned.Count);
            var half = planned.Count / 2;
            var stored = await StoreAsync([.. planned.Take(half)]);
            foreach (var (run, creation) in await StoreAsync([.. planned.Skip(half)])) stored[run] = creation;
            return stored;
        }
        catch (Exception exception)
        {
            NotStored(exception, planned.Count);
            return [];
        }
    }

    private async Task<TriggerRow> EndAsync(PlannedTrigger planned, Dictionary<Guid, RunCreation?> created)
    {
        var (trigger, plan, end) = planned;
        if (plan is not null)
        {
            end = created.GetValueOrDefault(plan.Row.Id) switch
            {
                null => trigger.Waiting("Its run could not be stored.").End,
                RunCreation.GraphNotFound => trigger.Unusable($"Graph #{plan.Row.GraphId} v{plan.Row.GraphVersion} is not accessible any more; the preset was deactivated.").End,
                _ => new TriggerEnd(TriggerState.Started, null),
            };
        }

        // What a user has written may be in the reason, and the database stores no NUL.
        var (state, reason) = (end!.State, end.Reason is { } text ? text[..Math.Min(text.Length, MostReasonLetters)].Replace("\0", "", StringComparison.Ordinal) : null);
        if (end.IsPresetUnusable)
        {
            try
            {
                await grains.GetGrain<IUserPresetsGrain>(trigger.Delivery.UserId).Check(trigger.PresetId);
            }
            catch (Exception exception)
            {
                NotPlanned(exception, trigger.Delivery.Id, trigger.PresetId);
                state = TriggerState.Waiting;
            }
        }

        return new TriggerRow(trigger.Delivery.Id, trigger.PresetId, DeliveryRow.RunOf(trigger.Delivery.Id, trigger.PresetId), state, reason, clock.GetUtcNow());
    }

    private DeliveryEnd EndOf(DeliveryRow delivery, IReadOnlyList<TriggerRow> triggers, DateTimeOffset now)
    {
        if (triggers.All(trigger => trigger.State != TriggerState.Waiting)) return new DeliveryEnd(delivery.Id, triggers, null, null);
        Span<byte> id = stackalloc byte[16];
        delivery.Id.TryWriteBytes(id);
        // Deliveries of the same moment do not all come back in the same moment. The part of the delay that differs follows from the id.
        var spread = 0.5 + (BinaryPrimitives.ReadUInt16BigEndian(id) / (double)ushort.MaxValue);
        var delay = options.Value.RetryDelay * Math.Pow(2, delivery.Attempts);
        return new DeliveryEnd(delivery.Id, triggers, now + ((delay > LongestRetryDelay ? LongestRetryDelay : delay) * spread), "Some of its runs could not be started; they are tried again.");
    }

    /// <summary>Puts stored runs into the queues of their users.</summary>
    private async Task QueueAsync(IReadOnlyList<PlannedTrigger> stored, Dictionary<Guid, RunCreation?> created)
    {
        foreach (var user in stored.Select(trigger => trigger.Plan!.Row).Where(run => created[run.Id] == RunCreation.Created).CountBy(run => run.UserId, StringComparer.Ordinal)) counter.Started(user.Key, user.Value);
        foreach (var part in stored.Select(trigger => trigger.Plan!.Row).GroupBy(run => run.UserId, StringComparer.Ordinal).Chunk(MaxParallelCalls))
        {
            await Task.WhenAll(part.Select(async user =>
            {
                try
                {
                    var queue = grains.GetGrain<IExecutionQueueGrain>(user.Key);
                    var queued = user.Where(run => created[run.Id] == RunCreation.Created).Select(run => new QueuedRun { RunId = run.Id, GraphId = run.GraphId }).ToList();
                    // One that was stored before may have ended already; the queue reads that from its row.
                    if (queued.Count < user.Count()) await queue.Look();
                    if (queued.Count > 0) await queue.SubmitAll([.. queued]);
                }
                catch (Exception exception)
                {
                    // The runs are stored as queued, and the supervisor asks the queue to look at its rows.
                    NotQueued(exception);
                }
            }));
        }
    }

    [LoggerMessage(2902, LogLevel.Warning, "The run that delivery {DeliveryId} triggers for preset {PresetId} could not be started; it is tried again.")]
    private partial void NotPlanned(Exception exception, Guid deliveryId, Guid presetId);

    [LoggerMessage(2903, LogLevel.Warning, "{Count} runs of webhooks could not be stored together; they are tried in smaller numbers and again later.")]
    private partial void NotStored(Exception exception, int count);

    [LoggerMessage(2904, LogLevel.Warning, "Runs of webhooks are stored and could not be put into their queue; the supervisor does that later.")]
    private partial void NotQueued(Exception exception);

    /// <summary>A preset that a delivery concerns; null once it is detached.</summary>
    private sealed record Trigger(DeliveryRow Delivery, Guid PresetId, PresetRow? Preset)
    {
        public PlannedTrigger Skipped(string reason) => new(this, null, new TriggerEnd(TriggerState.Skipped, reason));

        public PlannedTrigger Failed(string reason) => new(this, null, new TriggerEnd(TriggerState.Failed, reason));

        public PlannedTrigger Waiting(string reason) => new(this, null, new TriggerEnd(TriggerState.Waiting, reason));

        public PlannedTrigger Unusable(string reason) => new(this, null, new TriggerEnd(TriggerState.Skipped, reason, IsPresetUnusable: true));
    }

    private sealed record TriggerEnd(TriggerState State, string? Reason, bool IsPresetUnusable = false);

    /// <summary>A run that is to be stored, or what became of the trigger without one.</summary>
    private sealed record PlannedTrigger(Trigger Trigger, RunPlan? Plan, TriggerEnd? End);
}
