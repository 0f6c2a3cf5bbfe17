using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Json;
using Grainflow.Storage.Execution;

namespace Grainflow.Gateway.Executions;

/// <summary>Makes the answers about runs out of what is stored.</summary>
internal static class ExecutionReader
{
    /// <summary>Some runs for a listing, with the tokens of their links.</summary>
    public static async Task<IReadOnlyList<GraphExecutionMeta>> MetasAsync(IReadOnlyList<ExecutionRow> rows, RunShares shares, CancellationToken cancellationToken)
    {
        var tokens = await shares.TokensAsync([.. rows.Select(row => row.Id)], cancellationToken);
        return [.. rows.Select(row => Meta(row, tokens.TryGetValue(row.Id, out var token) ? token : null))];
    }

    /// <summary>A run for a listing.</summary>
    public static GraphExecutionMeta Meta(ExecutionRow row, Guid? share = null) => new()
    {
        Id = row.Id.ToString(),
        UserId = row.UserId,
        GraphId = row.GraphId.ToString(),
        GraphVersion = row.GraphVersion,
        Inputs = Members(row.Inputs),
        CredentialInputs = Credentials(row),
        NodesInputMasks = null,
        PresetId = row.PresetId,
        IsShared = share is not null,
        ShareToken = share?.ToString(),
        IsDryRun = row.IsDryRun,
        TriggerSource = row.TriggerSource,
        ScheduleId = row.ScheduleId?.ToString(),
        WebhookId = row.WebhookId?.ToString(),
        Status = Status(row.Status),
        StartedAt = row.StartedAt,
        EndedAt = row.EndedAt,
        Stats = StatsOf(row),
    };

    /// <summary>A run with its results and nodes.</summary>
    public static GraphExecutionWithNodes WithNodes(ExecutionRow row, IEnumerable<NodeExecutionRecord> nodes, IReadOnlyList<ExecutionOutput> outputs, Guid? share) => new()
    {
        Id = row.Id.ToString(),
        UserId = row.UserId,
        GraphId = row.GraphId.ToString(),
        GraphVersion = row.GraphVersion,
        Inputs = Members(row.Inputs),
        CredentialInputs = Credentials(row),
        NodesInputMasks = null,
        PresetId = row.PresetId,
        IsShared = share is not null,
        ShareToken = share?.ToString(),
        IsDryRun = row.IsDryRun,
        TriggerSource = row.TriggerSource,
        ScheduleId = row.ScheduleId?.ToString(),
        WebhookId = row.WebhookId?.ToString(),
        Status = Status(row.Status),
        StartedAt = row.StartedAt,
        EndedAt = row.EndedAt,
        Stats = StatsOf(row),
        Outputs = outputs.ToDictionary(output => output.Name, output => output.Values, StringComparer.Ordinal),
        NodeExecutions = [.. nodes.Select(node => Node(row, node))],
    };

    private static NodeExecutionResult Node(ExecutionRow run, NodeExecutionRecord node) => new()
    {
        UserId = run.UserId,
        GraphId = run.GraphId.ToString(),
        GraphVersion = run.GraphVersion,
        GraphExecId = run.Id.ToString(),
        NodeExecId = node.Row.Id.ToString(),
        NodeId = node.Row.NodeId,
        BlockId = node.Row.BlockId,
        Status = Status(node.Row.Status),
        InputData = node.Row.Input is { } input ? Members(input) : new Dictionary<string, JsonElement>(StringComparer.Ordinal),
        OutputData = node.Outputs
            .GroupBy(output => output.Pin, StringComparer.Ordinal)
            .ToDictionary(pin => pin.Key, pin => (IReadOnlyList<JsonElement>)[.. pin.Select(output => JsonElement.Parse(output.Value.Span, JsonValues.DocumentOptions))], StringComparer.Ordinal),
        AddTime = node.Row.AddedAt,
        QueueTime = node.Row.QueuedAt,
        StartTime = node.Row.StartedAt,
        EndTime = node.Row.EndedAt,
    };

    private static AgentExecutionStatus Status(string name) => Enum.Parse<AgentExecutionStatus>(name);

    private static Dictionary<string, JsonElement> Members(ReadOnlyMemory<byte> json) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json.Span, GatewayJson.Options)!;

    private static Dictionary<string, CredentialsMetaInput>? Credentials(ExecutionRow row) =>
        row.CredentialInputs is { } json ? JsonSerializer.Deserialize<Dictionary<string, CredentialsMetaInput>>(json.Span, GatewayJson.Options) : null;

    private static Stats? StatsOf(ExecutionRow row) => row.Stats is { } json
        ? JsonSerializer.Deserialize<Stats>(json.Span, GatewayJson.Options)! with { Error = row.Error }
        : row.Error is { } error ? new Stats { Error = error } : null;
}
