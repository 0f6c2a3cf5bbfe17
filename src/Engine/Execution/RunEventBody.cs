using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>The members of the stored bodies of all kinds of events. Each kind has some of them; members that a body does not have keep their default.</summary>
internal ref struct RunEventBody
{
    public DateTimeOffset At;
    public Guid NodeExecutionId;
    public int Attempt;
    public string? Host;
    public long Price;
    public long Epoch;
    public DateTimeOffset? NotBefore;
    public bool ReportsBegin;
    public long Start;
    public int Ordinal;
    public ExecutionStatus Status;
    public ExecutionStatus Outcome;
    public string? Error;
    public string? Reason;
    public long Charged;
    public bool OutOfCredits;
    public bool OverBudget;
    public string? FailureReason;
    public NodeStats? Stats;
    public RunWarnings? Warnings;

    /// <summary>The stored name of a status, which differs from the contract's name in capitals.</summary>
    public static ReadOnlySpan<byte> StatusName(ExecutionStatus status) => status switch
    {
        ExecutionStatus.Incomplete => "Incomplete"u8,
        ExecutionStatus.Queued => "Queued"u8,
        ExecutionStatus.Running => "Running"u8,
        ExecutionStatus.Completed => "Completed"u8,
        ExecutionStatus.Terminated => "Terminated"u8,
        ExecutionStatus.Failed => "Failed"u8,
        ExecutionStatus.Review => "Review"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Unknown status."),
    };

    /// <summary>Reads a body. Throws <see cref="JsonException"/>, <see cref="InvalidOperationException"/> or <see cref="FormatException"/> when the body is not valid.</summary>
    public static RunEventBody Read(ReadOnlySpan<byte> utf8)
    {
        var body = default(RunEventBody);
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new FormatException("It is not an object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) body.ReadMember(ref reader);
        // Fails when text follows the object, or when the object is not closed.
        if (reader.Read()) throw new FormatException("It does not end with the object.");
        return body;
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        if (Is(ref reader, "node_execution_id"u8)) NodeExecutionId = reader.GetGuid();
        else if (Is(ref reader, "attempt"u8)) Attempt = reader.GetInt32();
        else if (Is(ref reader, "at"u8)) At = reader.GetDateTimeOffset();
        else if (Is(ref reader, "host"u8)) Host = reader.GetString();
        else if (Is(ref reader, "price"u8)) Price = reader.GetInt64();
        else if (Is(ref reader, "epoch"u8)) Epoch = reader.GetInt64();
        else if (Is(ref reader, "not_before"u8)) NotBefore = reader.GetDateTimeOffset();
        else if (Is(ref reader, "reports_begin"u8)) ReportsBegin = reader.GetBoolean();
        else if (Is(ref reader, "start"u8)) Start = reader.GetInt64();
        else if (Is(ref reader, "ordinal"u8)) Ordinal = reader.GetInt32();
        else if (Is(ref reader, "status"u8)) Status = ReadStatus(ref reader);
        else if (Is(ref reader, "stats"u8)) Stats = ReadStats(ref reader);
        else if (Is(ref reader, "error"u8)) Error = reader.GetString();
        else if (Is(ref reader, "charged"u8)) Charged = reader.GetInt64();
        else if (Is(ref reader, "out_of_credits"u8)) OutOfCredits = reader.GetBoolean();
        else if (Is(ref reader, "over_budget"u8)) OverBudget = reader.GetBoolean();
        else if (Is(ref reader, "failure_reason"u8)) FailureReason = reader.GetString();
        else if (Is(ref reader, "warnings"u8)) Warnings = JsonSerializer.Deserialize(ref reader, RunJson.Warnings);
        else if (Is(ref reader, "outcome"u8)) Outcome = ReadStatus(ref reader);
        else if (Is(ref reader, "reason"u8)) Reason = reader.GetString();
        else reader.Skip();
    }

    /// <summary>Whether the reader is at the member with this name; if so, it is moved to the value.</summary>
    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name) && reader.Read();

    private static ExecutionStatus ReadStatus(ref Utf8JsonReader reader)
    {
        for (var status = ExecutionStatus.Incomplete; status <= ExecutionStatus.Review; status++)
            if (reader.ValueTextEquals(StatusName(status))) return status;
        throw new FormatException($"'{reader.GetString()}' is not a status.");
    }

    private static NodeStats? ReadStats(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return null;
        if (reader.TokenType != JsonTokenType.StartObject) throw new FormatException("'stats' is not an object.");
        double wall = 0, cpu = 0;
        long inputSize = 0, outputSize = 0, inputTokens = 0, outputTokens = 0, extraCost = 0, contextUsed = 0;
        int calls = 0, retries = 0, extraSteps = 0, contextMax = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "wall_time"u8)) wall = reader.GetDouble();
            else if (Is(ref reader, "cpu_time"u8)) cpu = reader.GetDouble();
            else if (Is(ref reader, "input_size"u8)) inputSize = reader.GetInt64();
            else if (Is(ref reader, "output_size"u8)) outputSize = reader.GetInt64();
            else if (Is(ref reader, "llm_call_count"u8)) calls = reader.GetInt32();
            else if (Is(ref reader, "llm_retry_count"u8)) retries = reader.GetInt32();
            else if (Is(ref reader, "input_token_count"u8)) inputTokens = reader.GetInt64();
            else if (Is(ref reader, "output_token_count"u8)) outputTokens = reader.GetInt64();
            else if (Is(ref reader, "extra_cost"u8)) extraCost = reader.GetInt64();
            else if (Is(ref reader, "extra_steps"u8)) extraSteps = reader.GetInt32();
            else if (Is(ref reader, "context_used"u8)) contextUsed = reader.GetInt64();
            else if (Is(ref reader, "context_max"u8)) contextMax = reader.GetInt32();
            else reader.Skip();
        }

        return new NodeStats
        {
            WallTime = wall,
            CpuTime = cpu,
            InputSize = inputSize,
            OutputSize = outputSize,
            LlmCallCount = calls,
            LlmRetryCount = retries,
            InputTokenCount = inputTokens,
            OutputTokenCount = outputTokens,
            ExtraCost = extraCost,
            ExtraSteps = extraSteps,
            ContextUsed = contextUsed,
            ContextMax = contextMax,
        };
    }
}
