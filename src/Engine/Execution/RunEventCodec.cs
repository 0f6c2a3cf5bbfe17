using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Grainflow.Engine.Execution;

/// <summary>
/// Reads and writes the stored form of a <see cref="RunEvent"/>: a kind and a small JSON body. Pin and value of an output are not in the
/// body, because they are stored only once, in a table that queries read.
/// </summary>
/// <remarks>
/// Every event of every run is written here, so bodies are written and read without reflection, documents or intermediate texts. Members with
/// their default are left out. Unknown members are skipped, because a newer version may have written them.
/// </remarks>
public static class RunEventCodec
{
    private const string Started = "run_started";
    private const string NodeDispatched = "node_dispatched";
    private const string NodeBegan = "node_began";
    private const string NodeInterrupted = "node_interrupted";
    private const string NodeSkipped = "node_skipped";
    private const string NodeOutput = "node_output";
    private const string NodeEnded = "node_ended";
    private const string Reviewed = "run_reviewed";
    private const string StopRequested = "stop_requested";
    private const string Ended = "run_ended";

    /// <summary>The initial size of the buffer in bytes. It suffices for every body except those with a long error.</summary>
    private const int UsualSize = 384;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The stored kind of an event.</summary>
    /// <param name="runEvent">The event.</param>
    public static string Kind(RunEvent runEvent) => runEvent switch
    {
        RunEvent.Started => Started,
        RunEvent.NodeDispatched => NodeDispatched,
        RunEvent.NodeBegan => NodeBegan,
        RunEvent.NodeInterrupted => NodeInterrupted,
        RunEvent.NodeSkipped => NodeSkipped,
        RunEvent.NodeOutput => NodeOutput,
        RunEvent.NodeEnded => NodeEnded,
        RunEvent.Reviewed => Reviewed,
        RunEvent.StopRequested => StopRequested,
        RunEvent.Ended => Ended,
        _ => throw new ArgumentException($"A {runEvent.GetType().Name} has no stored form.", nameof(runEvent)),
    };

    /// <summary>The stored body of an event, JSON in UTF-8.</summary>
    /// <param name="runEvent">The event.</param>
    public static byte[] Body(RunEvent runEvent)
    {
        var buffer = new ArrayBufferWriter<byte>(UsualSize);
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        writer.WriteStartObject();
        Write(writer, runEvent);
        if (runEvent.At != default) writer.WriteString("at"u8, runEvent.At);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads an event.</summary>
    /// <param name="kind">The stored kind.</param>
    /// <param name="body">The stored body.</param>
    /// <param name="output">For an output, its pin and value; else null.</param>
    /// <exception cref="JsonException">The kind is not known or the body is not valid; a newer version may have written it.</exception>
    public static RunEvent Read(string kind, ReadOnlySpan<byte> body, (string Pin, JsonElement Value)? output)
    {
        RunEventBody read;
        try
        {
            read = RunEventBody.Read(body);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw new JsonException($"The body of an event of kind '{kind}' does not fit: {exception.Message}", exception);
        }

        return kind switch
        {
            Started => new RunEvent.Started(read.At),
            NodeDispatched => new RunEvent.NodeDispatched(read.At, read.NodeExecutionId, read.Attempt, read.Host!, read.Price, read.Epoch, read.NotBefore, read.ReportsBegin),
            NodeBegan => new RunEvent.NodeBegan(read.At, read.NodeExecutionId, read.Attempt, new AttemptStart(read.Host!, read.Start)),
            NodeInterrupted => new RunEvent.NodeInterrupted(read.At, read.NodeExecutionId, read.Attempt),
            NodeSkipped => new RunEvent.NodeSkipped(read.At, read.NodeExecutionId),
            NodeOutput => new RunEvent.NodeOutput(read.At, read.NodeExecutionId, read.Attempt, read.Ordinal, output?.Pin!, output?.Value ?? default),
            NodeEnded => new RunEvent.NodeEnded(read.At, read.NodeExecutionId, read.Attempt, read.Status, read.Error, read.Charged, read.OutOfCredits, read.Stats ?? NodeStats.None, read.Warnings, read.OverBudget),
            Reviewed => new RunEvent.Reviewed(read.At),
            StopRequested => new RunEvent.StopRequested(read.At, read.Outcome, read.Reason, read.FailureReason),
            Ended => new RunEvent.Ended(read.At, read.Status, read.Error, read.Warnings),
            _ => throw new JsonException($"The log holds an event of kind '{kind}', which this version does not know."),
        };
    }

    private static void Write(Utf8JsonWriter writer, RunEvent runEvent)
    {
        switch (runEvent)
        {
            case RunEvent.NodeDispatched dispatched:
                Write(writer, dispatched.NodeExecutionId, dispatched.Attempt);
                if (dispatched.Host is { } host) writer.WriteString("host"u8, host);
                Write(writer, "price"u8, dispatched.Price);
                Write(writer, "epoch"u8, dispatched.Epoch);
                if (dispatched.NotBefore is { } notBefore) writer.WriteString("not_before"u8, notBefore);
                if (dispatched.ReportsBegin) writer.WriteBoolean("reports_begin"u8, value: true);
                break;
            case RunEvent.NodeBegan began:
                Write(writer, began.NodeExecutionId, began.Attempt);
                Write(writer, "host"u8, began.Start.Host);
                Write(writer, "start"u8, began.Start.Number);
                break;
            case RunEvent.NodeInterrupted interrupted:
                Write(writer, interrupted.NodeExecutionId, interrupted.Attempt);
                break;
            case RunEvent.NodeSkipped skipped:
                Write(writer, skipped.NodeExecutionId, attempt: 0);
                break;
            case RunEvent.NodeOutput output:
                Write(writer, output.NodeExecutionId, output.Attempt);
                Write(writer, "ordinal"u8, output.Ordinal);
                break;
            case RunEvent.NodeEnded ended:
                Write(writer, ended.NodeExecutionId, ended.Attempt);
                Write(writer, "status"u8, ended.Status);
                Write(writer, "error"u8, ended.Error);
                Write(writer, "charged"u8, ended.Charged);
                if (ended.OutOfCredits) writer.WriteBoolean("out_of_credits"u8, value: true);
                if (ended.OverBudget) writer.WriteBoolean("over_budget"u8, value: true);
                Write(writer, ended.Stats);
                Write(writer, ended.Warnings);
                break;
            case RunEvent.StopRequested stop:
                Write(writer, "outcome"u8, stop.Outcome);
                Write(writer, "reason"u8, stop.Reason);
                Write(writer, "failure_reason"u8, stop.FailureReason);
                break;
            case RunEvent.Ended ended:
                Write(writer, "status"u8, ended.Status);
                Write(writer, "error"u8, ended.Error);
                Write(writer, ended.Warnings);
                break;
        }
    }

    private static void Write(Utf8JsonWriter writer, Guid nodeExecutionId, int attempt)
    {
        if (nodeExecutionId != default) writer.WriteString("node_execution_id"u8, nodeExecutionId);
        Write(writer, "attempt"u8, attempt);
    }

    private static void Write(Utf8JsonWriter writer, NodeStats stats)
    {
        writer.WriteStartObject("stats"u8);
        Write(writer, "wall_time"u8, stats.WallTime);
        Write(writer, "cpu_time"u8, stats.CpuTime);
        Write(writer, "input_size"u8, stats.InputSize);
        Write(writer, "output_size"u8, stats.OutputSize);
        Write(writer, "llm_call_count"u8, stats.LlmCallCount);
        Write(writer, "llm_retry_count"u8, stats.LlmRetryCount);
        Write(writer, "input_token_count"u8, stats.InputTokenCount);
        Write(writer, "output_token_count"u8, stats.OutputTokenCount);
        Write(writer, "extra_cost"u8, stats.ExtraCost);
        Write(writer, "extra_steps"u8, stats.ExtraSteps);
        Write(writer, "context_used"u8, stats.ContextUsed);
        Write(writer, "context_max"u8, stats.ContextMax);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, RunWarnings? warnings)
    {
        if (warnings is null) return;
        writer.WritePropertyName("warnings"u8);
        JsonSerializer.Serialize(writer, warnings, RunJson.Warnings);
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long value)
    {
        if (value != 0) writer.WriteNumber(name, value);
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, double value)
    {
        if (!value.Equals(0d)) writer.WriteNumber(name, value);
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null) writer.WriteString(name, value);
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ExecutionStatus status)
    {
        if (status != default) writer.WriteString(name, RunEventBody.StatusName(status));
    }
}
