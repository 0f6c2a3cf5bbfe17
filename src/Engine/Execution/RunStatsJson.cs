using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Execution;

/// <summary>Writes and reads the statistics and warnings of a run as JSON with the API's names (contract: semantics 2.11; <c>warnings</c> is an addition).</summary>
public static class RunStatsJson
{
    /// <summary>The JSON object for the row of the run.</summary>
    /// <param name="stats">The statistics.</param>
    /// <param name="warnings">The warnings.</param>
    public static byte[] ToUtf8(RunStats stats, RunWarnings warnings)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, JsonValues.WriterOptions);
        writer.WriteStartObject();
        Write(writer, stats);
        Write(writer, warnings);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the members of the statistics; <c>failure_reason</c> only when there is one.</summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="stats">The statistics.</param>
    public static void Write(Utf8JsonWriter writer, RunStats stats)
    {
        writer.WriteNumber("cost"u8, stats.Cost);
        writer.WriteNumber("duration"u8, stats.Duration);
        writer.WriteNumber("duration_cpu_only"u8, stats.DurationCpuOnly);
        writer.WriteNumber("node_exec_time"u8, stats.NodeExecTime);
        writer.WriteNumber("node_exec_time_cpu_only"u8, stats.NodeExecTimeCpuOnly);
        writer.WriteNumber("node_exec_count"u8, stats.NodeExecCount);
        writer.WriteNumber("node_error_count"u8, stats.NodeErrorCount);
        if (stats.FailureReason is { } reason) writer.WriteString("failure_reason"u8, reason);
    }

    /// <summary>Writes the list <c>warnings</c>, and the numbers <c>warnings_omitted</c> and <c>leftover_count</c> where they are not 0.</summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="warnings">The warnings.</param>
    public static void Write(Utf8JsonWriter writer, RunWarnings warnings)
    {
        writer.WriteStartArray("warnings"u8);
        foreach (var warning in warnings.Items) Write(writer, warning);
        writer.WriteEndArray();
        if (warnings.Omitted > 0) writer.WriteNumber("warnings_omitted"u8, warnings.Omitted);
        if (warnings.Leftovers > 0) writer.WriteNumber("leftover_count"u8, warnings.Leftovers);
    }

    /// <summary>The warnings of a run in words, from its statistics in an answer of the API.</summary>
    /// <param name="stats">The statistics; undefined or null before there are any.</param>
    /// <returns>The listed ones, and how many more there are.</returns>
    public static (IReadOnlyList<string> Messages, int Omitted) ReadWarnings(JsonElement stats) => (
        stats.Member("warnings") is { ValueKind: JsonValueKind.Array } warnings ? [.. warnings.EnumerateArray().Select(warning => warning.GetProperty("message").GetString()!)] : [],
        stats.Member("warnings_omitted")?.GetInt32() ?? 0);

    private static void Write(Utf8JsonWriter writer, RunWarning warning)
    {
        writer.WriteStartObject();
        foreach (var member in JsonSerializer.SerializeToElement(warning, RunJson.Warning).EnumerateObject()) member.WriteTo(writer);
        writer.WriteString("message"u8, warning.Message);
        writer.WriteEndObject();
    }
}
