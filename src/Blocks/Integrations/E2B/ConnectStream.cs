using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.E2B;

/// <summary>Messages of the protocol Connect for streams: one byte of flags, four of the length, and JSON.</summary>
internal static class ConnectStream
{
    private const int HeadLength = 5;

    private const byte EndOfStream = 2;

    /// <summary>A message as the body of a request.</summary>
    /// <param name="message">The message.</param>
    public static HttpContent ContentOf(JsonElement message)
    {
        var json = JsonValues.CompactUtf8(message);
        var framed = new byte[HeadLength + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), json.Length);
        json.CopyTo(framed, HeadLength);
        var content = new ByteArrayContent(framed);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/connect+json");
        return content;
    }

    /// <summary>How a process ended: its exit code, and what it wrote to its error stream; null when the stream does not say.</summary>
    /// <param name="body">The body of the answer.</param>
    /// <exception cref="BlockException">The stream says that the process could not be run.</exception>
    public static (long ExitCode, string Error)? ResultOf(ReadOnlySpan<byte> body)
    {
        var error = new StringBuilder();
        long? exitCode = null;
        for (var rest = body; rest.Length >= HeadLength;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest[1..]);
            if (length < 0 || length > rest.Length - HeadLength || !JsonValues.TryParse(Encoding.UTF8.GetString(rest.Slice(HeadLength, length)), out var message)) return null;
            if (rest[0] == EndOfStream && message.Member("error") is { } failure) throw new BlockException($"E2B could not run the command: {ApiAnswers.ReasonOf(failure, "")}");
            var happened = message.Member("event") ?? default;
            error.Append(TextOf((happened.Member("data") ?? default).Text("stderr")));
            // An exit code of 0 is left out.
            if (happened.Member("end") is { } end) exitCode = end.Whole("exitCode") ?? end.Whole("exit_code") ?? 0;
            rest = rest[(HeadLength + length)..];
        }

        return exitCode is { } code ? (code, error.ToString()) : null;
    }

    private static string TextOf(string? base64)
    {
        var bytes = new byte[base64?.Length ?? 0];
        return base64 is not null && Convert.TryFromBase64String(base64, bytes, out var count) ? Encoding.UTF8.GetString(bytes.AsSpan(0, count)) : "";
    }
}
