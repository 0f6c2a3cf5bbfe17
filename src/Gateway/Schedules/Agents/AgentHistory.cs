using System.Text;
using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Scheduling;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Blocks;
using Grainflow.Gateway.Graphs;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.Scheduling;

namespace Grainflow.Gateway.Schedules.Agents;

/// <summary>Makes executions and activities of agents out of the history of their schedules (contract: schedules-others, S3).</summary>
internal sealed class AgentHistory(IExecutionQueries queries, IRunStore runs, IGraphStore graphs, BlockList blocks)
{
    /// <summary>The only type of activity that there is.</summary>
    public const string ScheduleStart = "schedule_start";

    private const int MostResponseBytes = 10 * 1024;
    private const int MostNodes = 1000;

    private static readonly string QueueFull = $"Agent queue full ({ScheduleRule.MaxWaitingOfGraph} waiting), skipping scheduled execution";

    /// <summary>Executions with their answers and calls of tools.</summary>
    /// <param name="records">The rows of the history.</param>
    /// <param name="schedules">Their schedules, by id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<AgentExecution>> ExecutionsAsync(
        IReadOnlyList<FiringRecord> records, IReadOnlyDictionary<Guid, ScheduleRow> schedules, CancellationToken cancellationToken)
    {
        var tools = new Dictionary<GraphKey, IReadOnlyDictionary<string, string>>();
        var executions = new List<AgentExecution>();
        var contexts = await ContextsAsync(records, cancellationToken);
        foreach (var record in records)
        {
            if (!schedules.TryGetValue(record.Firing.ScheduleId, out var schedule)) continue;
            var firing = record.Firing;
            executions.Add(new AgentExecution
            {
                Id = firing.Id.ToString(),
                ScheduleId = schedule.Id.ToString(),
                AgentName = schedule.AgentName ?? "",
                Status = record.Status,
                StartedAt = firing.StartedAt,
                CompletedAt = record.CompletedAt,
                DurationMs = record.DurationMilliseconds,
                Message = schedule.Message ?? "",
                Response = record.CompletedAt is null ? null : await ResponseAsync(firing.Id, cancellationToken),
                Error = firing.Reason == ScheduleRule.QueueFull ? QueueFull : record.Error,
                TriggeredBy = TriggeredBy(firing),
                ContextUsed = contexts.GetValueOrDefault(firing.Id)?.Used,
                ContextMax = contexts.GetValueOrDefault(firing.Id)?.Max,
                Cost = Usd(record),
                ToolCalls = await ToolCallsAsync(schedule, firing, tools, cancellationToken),
                GraphExecId = firing.State == FiringState.Started ? firing.Id.ToString() : null,
                ScheduledAt = firing.Occurrence,
            });
        }

        return executions;
    }

    /// <summary>Activities: the executions that were to start a run.</summary>
    /// <param name="records">The rows of the history, none of them skipped.</param>
    /// <param name="schedules">Their schedules, by id.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<IReadOnlyList<AgentActivity>> ActivitiesAsync(
        IReadOnlyList<FiringRecord> records, IReadOnlyDictionary<Guid, ScheduleRow> schedules, CancellationToken cancellationToken)
    {
        var tools = new Dictionary<GraphKey, IReadOnlyDictionary<string, string>>();
        var activities = new List<AgentActivity>();
        var contexts = await ContextsAsync(records, cancellationToken);
        foreach (var record in records)
        {
            if (!schedules.TryGetValue(record.Firing.ScheduleId, out var schedule)) continue;
            var firing = record.Firing;
            activities.Add(new AgentActivity
            {
                Id = firing.Id.ToString(),
                AgentName = schedule.AgentName ?? "",
                UserId = firing.UserId,
                ActivityType = ScheduleStart,
                ActivityState = record.Status switch { "success" => "completed", "failed" => "failed", _ => "started" },
                TriggeredBy = TriggeredBy(firing),
                RelatedExecutionId = firing.Id.ToString(),
                ParentActivityId = null,
                StartedAt = firing.StartedAt ?? firing.CreatedAt,
                CompletedAt = record.CompletedAt,
                DurationMs = record.DurationMilliseconds,
                Error = record.Error,
                Details = new AgentActivityDetails
                {
                    ScheduleId = schedule.Id.ToString(),
                    ScheduleName = schedule.Name,
                    CronExpression = schedule.Cron,
                    ContextUsed = contexts.GetValueOrDefault(firing.Id)?.Used,
                    ContextMax = contexts.GetValueOrDefault(firing.Id)?.Max,
                    CostUsd = Usd(record),
                    ToolCount = (await ToolCallsAsync(schedule, firing, tools, cancellationToken)).Count,
                },
            });
        }

        return activities;
    }

    private Task<IReadOnlyDictionary<Guid, ModelContext>> ContextsAsync(IReadOnlyList<FiringRecord> records, CancellationToken cancellationToken) =>
        queries.LastModelContextsAsync([.. records.Where(record => record.Firing.State == FiringState.Started).Select(record => record.Firing.Id)], cancellationToken);

    private static string TriggeredBy(FiringRow firing) => firing.Trigger != FiringTrigger.Schedule ? "manual" : firing.Attempt > 1 ? "retry" : "schedule";

    private static double Usd(FiringRecord record) => ScheduleReader.StatsOf(record).Cost / 100.0;

    private async Task<string?> ResponseAsync(Guid runId, CancellationToken cancellationToken)
    {
        var outputs = await queries.OutputsAsync(runId, await blocks.OutputBlocksAsync(), cancellationToken);
        var values = outputs.SelectMany(output => output.Values).Select(value => value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonValues.Compact(value));
        var text = string.Join("\n", values);
        return Encoding.UTF8.GetByteCount(text) <= MostResponseBytes ? text : Cut(text);
    }

    private static string Cut(string text)
    {
        var bytes = 0;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > MostResponseBytes) break;
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }

    /// <summary>The calls of tools in the run of a row. Runs of a graph without tools are not read.</summary>
    private async Task<IReadOnlyList<AgentToolCall>> ToolCallsAsync(
        ScheduleRow schedule, FiringRow firing, Dictionary<GraphKey, IReadOnlyDictionary<string, string>> known, CancellationToken cancellationToken)
    {
        if (firing.State != FiringState.Started) return [];
        var key = new GraphKey(schedule.GraphId, schedule.GraphVersion);
        if (!known.TryGetValue(key, out var tools)) known[key] = tools = await ToolsAsync(key, cancellationToken);
        if (tools.Count == 0) return [];
        return
        [
            .. (await runs.NodeExecutionsAsync(firing.Id, MostNodes, cancellationToken)).Where(node => tools.ContainsKey(node.Row.NodeId)).Select(node => new AgentToolCall
            {
                Name = tools[node.Row.NodeId],
                Input = node.Row.Input is { } input ? ScheduleReader.Members(input) : new Dictionary<string, JsonElement>(StringComparer.Ordinal),
                DurationMs = node.Row is { StartedAt: { } started, EndedAt: { } ended } ? (long)(ended - started).TotalMilliseconds : null,
                Success = node.Row.Status == "COMPLETED",
            }),
        ];
    }

    /// <summary>The nodes that tool pins lead to, with the names of their blocks.</summary>
    private async Task<IReadOnlyDictionary<string, string>> ToolsAsync(GraphKey key, CancellationToken cancellationToken)
    {
        var tools = new Dictionary<string, string>(StringComparer.Ordinal);
        if (await graphs.FindAsync(key.Id, key.Version, cancellationToken) is not { } row) return tools;
        var document = GraphAnswers.Document(row.Document);
        var sinks = document.Links.Where(link => DynamicPins.IsTool(link.SourceName)).Select(link => link.SinkId).ToHashSet(StringComparer.Ordinal);
        if (sinks.Count == 0) return tools;
        var names = await blocks.NamesAsync();
        foreach (var node in document.Nodes.Where(node => sinks.Contains(node.Id))) tools[node.Id] = names.GetValueOrDefault(node.BlockId) ?? node.BlockId;
        return tools;
    }
}
