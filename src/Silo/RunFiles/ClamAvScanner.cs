using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Grainflow.Silo.RunFiles;

/// <summary>Scans files before they are stored.</summary>
internal interface IVirusScanner
{
    /// <summary>Returns when the file is clean.</summary>
    /// <param name="name">The name of the file, for the error.</param>
    /// <param name="content">Its content.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The file is infected, or could not be scanned; it must not be stored.</exception>
    Task ScanAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}

/// <summary>
/// Scans by clamd's INSTREAM command (clamd(8), "Commands"). A file that is larger than clamd takes is scanned in parts, each half of the one before, as in the contract
/// (semantics 9.5): a signature that lies across two parts is then not found.
/// </summary>
/// <param name="options">The server and its limits.</param>
/// <param name="clock">Measures the time limit.</param>
internal sealed class ClamAvScanner(VirusScanOptions options, TimeProvider clock) : IVirusScanner, IDisposable
{
    private const int MaxTries = 8;
    private const int SmallestPart = 128 * 1024;

    // clamd reads a block of the stream into memory before it looks at its size.
    private const int BlockBytes = 64 * 1024;

    // The longest line that is read as an answer.
    private const int MaxAnswer = 4096;

    private readonly SemaphoreSlim _places = new(options.MaxConcurrency);

    /// <inheritdoc/>
    public async Task ScanAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (content.IsEmpty) return;
        var part = content.Length;
        for (var tries = 0; tries < MaxTries && (part >= SmallestPart || part == content.Length); tries++)
        {
            var answers = await Task.WhenAll(Parts(content, part).Select(bytes => AskAsync(name, bytes, cancellationToken)));
            if (Array.Find(answers, answer => answer.EndsWith("FOUND", StringComparison.Ordinal)) is { } found) throw Infected(name, ThreatIn(found));
            if (Array.TrueForAll(answers, answer => answer.EndsWith("OK", StringComparison.Ordinal))) return;
            var problem = Array.Find(answers, answer => !answer.EndsWith("OK", StringComparison.Ordinal))!;
            if (!problem.Contains("size limit exceeded", StringComparison.OrdinalIgnoreCase)) throw new InvalidOperationException($"The file '{name}' could not be scanned for viruses: the scanner answered '{problem}'.");
            part = (part + 1) / 2;
        }

        if (!options.MarkFailedScansAsClean) throw Infected(name, "it could not be scanned because of its size");
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private static IEnumerable<ReadOnlyMemory<byte>> Parts(ReadOnlyMemory<byte> content, int size)
    {
        for (var at = 0; at < content.Length; at += size) yield return content.Slice(at, Math.Min(size, content.Length - at));
    }

    private static InvalidOperationException Infected(string name, string threat) => new($"The file '{name}' was rejected by the virus scanner: {threat}.");

    // "stream: Eicar-Test-Signature FOUND"
    private static string ThreatIn(string answer) => answer[(answer.IndexOf(':', StringComparison.Ordinal) + 1)..^"FOUND".Length].Trim();

    private async Task<string> AskAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.TimeoutSeconds), clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            return await ExchangeAsync(bytes, either.Token);
        }
        catch (Exception exception) when (exception is SocketException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var reason = exception is OperationCanceledException ? $"there was no answer within {options.TimeoutSeconds} seconds" : exception.Message;
            throw new InvalidOperationException($"The file '{name}' could not be scanned for viruses, so it is not stored. The scanner at {options.Host}:{options.Port} (CLAMAV_SERVICE_HOST) failed: {reason}.", exception);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<string> ExchangeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(options.Host, options.Port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync("zINSTREAM\0"u8.ToArray(), cancellationToken);
        var answer = ReadAsync(stream, cancellationToken);
        try
        {
            var length = new byte[4];
            // clamd answers as soon as the stream is too large for it, and closes the connection.
            for (var at = 0; at < bytes.Length && !answer.IsCompleted; at += BlockBytes)
            {
                var block = bytes.Slice(at, Math.Min(BlockBytes, bytes.Length - at));
                BinaryPrimitives.WriteInt32BigEndian(length, block.Length);
                await stream.WriteAsync(length, cancellationToken);
                await stream.WriteAsync(block, cancellationToken);
            }

            if (!answer.IsCompleted) await stream.WriteAsync(new byte[4], cancellationToken);
        }
        catch (IOException) when (answer.IsCompletedSuccessfully)
        {
            // The connection was closed behind an answer.
        }

        return await answer;
    }

    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var answer = new byte[MaxAnswer];
        var length = 0;
        while (length < answer.Length && await stream.ReadAsync(answer.AsMemory(length), cancellationToken) is var count and > 0)
        {
            length += count;
            if (answer[length - 1] is 0 or (byte)'\n') break;
        }

        if (length == 0) throw new IOException("the connection was closed without an answer");
        return Encoding.UTF8.GetString(answer, 0, length).TrimEnd('\0', '\n', '\r', ' ');
    }
}
