using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Grainflow.Engine.Files;
using Grainflow.Silo.RunFiles;
using Grainflow.Storage.RunFiles;
using Grainflow.TestSupport;

namespace Grainflow.Silo.Tests.RunFiles;

public sealed class ClamAvScannerTests
{
    // The test file that every scanner knows (eicar.org), in two parts so that scanners leave this source alone.
    private const string Eicar = @"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

    private readonly ManualClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_clean_file_passes_and_arrives_whole()
    {
        await using var server = new ScriptedClamd();
        var content = Enumerable.Range(0, 200_000).Select(value => (byte)value).ToArray();

        await Scanner(server).ScanAsync("a.bin", content, Token);

        Assert.Equal(content, Assert.Single(server.Streams));
    }

    [Fact]
    public async Task An_infected_file_is_rejected_by_the_name_of_the_threat()
    {
        await using var server = new ScriptedClamd();
        var rejected = await Assert.ThrowsAsync<InvalidOperationException>(() => Scanner(server).ScanAsync("a.com", Encoding.ASCII.GetBytes(Eicar), Token));
        Assert.Equal("The file 'a.com' was rejected by the virus scanner: Eicar-Test-Signature.", rejected.Message);
    }

    [Fact]
    public async Task A_file_that_is_too_large_for_the_scanner_is_scanned_in_parts()
    {
        await using var server = new ScriptedClamd { MaxBytes = 300_000 };
        var content = new byte[1_000_000];

        await Scanner(server).ScanAsync("large.bin", content, Token);

        Assert.Equal([250_000, 250_000, 250_000, 250_000], server.Streams.Where(stream => stream.Length <= server.MaxBytes).Select(stream => stream.Length));
    }

    [Fact]
    public async Task A_threat_in_a_part_of_a_large_file_is_found()
    {
        await using var server = new ScriptedClamd { MaxBytes = 300_000 };
        byte[] content = [.. new byte[700_000], .. Encoding.ASCII.GetBytes(Eicar), .. new byte[300_000]];
        await Assert.ThrowsAsync<InvalidOperationException>(() => Scanner(server).ScanAsync("large.bin", content, Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_cannot_be_scanned_in_parts_counts_as_the_setting_says(bool asClean)
    {
        await using var server = new ScriptedClamd { MaxBytes = 1000 };
        var scan = Scanner(server, options => options.MarkFailedScansAsClean = asClean).ScanAsync("large.bin", new byte[500_000], Token);

        if (asClean) await scan;
        else Assert.Contains("could not be scanned because of its size", (await Assert.ThrowsAsync<InvalidOperationException>(() => scan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scanner_that_cannot_be_reached_fails_the_save_by_the_name_of_its_setting()
    {
        await using var server = new ScriptedClamd();
        var options = new VirusScanOptions { Host = "127.0.0.1", Port = server.Port };
        await server.DisposeAsync();
        using var scanner = new ClamAvScanner(options, _clock);

        Assert.Contains("CLAMAV_SERVICE_HOST", (await Assert.ThrowsAsync<InvalidOperationException>(() => scanner.ScanAsync("a.bin", new byte[1], Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scanner_that_does_not_answer_fails_the_save_after_its_time()
    {
        await using var server = new ScriptedClamd { IsSilent = true };
        var scan = Scanner(server).ScanAsync("a.bin", new byte[1], Token);
        await _clock.WaitForTimerAsync(Token);
        await server.Asked;
        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Contains("there was no answer within 60 seconds", (await Assert.ThrowsAsync<InvalidOperationException>(() => scan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_rejected_is_not_stored()
    {
        await using var server = new ScriptedClamd();
        var store = new NoStore();
        var files = new SharedRunFiles(store, [], null, 1024, new Grainflow.Grains.RandomIds(), _clock, Scanner(server)).Of(Guid.NewGuid(), "user");

        await Assert.ThrowsAsync<InvalidOperationException>(() => files.SaveAsync("a.com", Encoding.ASCII.GetBytes(Eicar), Token));
        var shared = new SharedRunFiles(store, [], null, 1024, new Grainflow.Grains.RandomIds(), _clock, Scanner(server));
        await Assert.ThrowsAsync<InvalidOperationException>(() => shared.SaveUploadAsync(new UploadReference("user", Guid.NewGuid(), "a.com"), Encoding.ASCII.GetBytes(Eicar), TimeSpan.FromHours(1), Token));
        Assert.Equal(0, store.Saves);
        await files.SaveAsync("a.txt", "clean"u8.ToArray(), Token);
        Assert.Equal(1, store.Saves);
    }

    [Fact]
    public void Files_are_not_scanned_by_default() => Assert.False(new VirusScanOptions().Enabled);

    private ClamAvScanner Scanner(ScriptedClamd server, Action<VirusScanOptions>? change = null)
    {
        var options = new VirusScanOptions { Host = "127.0.0.1", Port = server.Port };
        change?.Invoke(options);
        return new ClamAvScanner(options, _clock);
    }

    /// <summary>Counts what is saved, and keeps nothing.</summary>
    private sealed class NoStore : IRunFileStore
    {
        public int Saves { get; private set; }

        public Task<bool> SaveAsync(RunFileRow file, ReadOnlyMemory<byte> content, long maxBytes, CancellationToken cancellationToken)
        {
            Saves++;
            return Task.FromResult(true);
        }

        public Task<StoredRunFile?> FindAsync(Guid runId, string name, string userId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task AnnounceAsync(Guid contentId, RunFilePlace place, DateTimeOffset dueAt, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Guid>> RemovableAsync(RunFilePlace place, DateTimeOffset now, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task RemovedAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    /// <summary>Answers INSTREAM as clamd does, with one signature.</summary>
    private sealed class ScriptedClamd : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentBag<Task> _connections = [];
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _accepting;

        public ScriptedClamd()
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _accepting = AcceptAsync();
        }

        public int Port { get; }

        public int MaxBytes { get; init; } = int.MaxValue;

        public bool IsSilent { get; init; }

        public ConcurrentQueue<byte[]> Streams { get; } = new();

        /// <summary>Completes when a client has sent its command.</summary>
        public Task Asked => _asked.Task;

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _accepting;
            await Task.WhenAll(_connections);
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true) _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync()));
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using (client)
            {
                var stream = client.GetStream();
                var command = new byte[10];
                await stream.ReadExactlyAsync(command);
                Assert.Equal("zINSTREAM\0", Encoding.ASCII.GetString(command));
                _asked.TrySetResult();
                if (IsSilent)
                {
                    try
                    {
                        while (await stream.ReadAsync(command) > 0)
                        {
                        }
                    }
                    catch (IOException)
                    {
                        // The client has given up.
                    }

                    return;
                }

                var content = new List<byte>();
                var isTooLarge = false;
                var length = new byte[4];
                while (true)
                {
                    await stream.ReadExactlyAsync(length);
                    var block = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
                    if (block.Length == 0) break;
                    await stream.ReadExactlyAsync(block);
                    content.AddRange(block);
                    if (content.Count <= MaxBytes || isTooLarge) continue;
                    // As clamd, which answers at once and closes the connection while the client may still send.
                    isTooLarge = true;
                    await stream.WriteAsync("INSTREAM size limit exceeded. ERROR\0"u8.ToArray());
                    break;
                }

                Streams.Enqueue([.. content]);
                if (isTooLarge) return;
                var found = Encoding.ASCII.GetString([.. content]).Contains(Eicar, StringComparison.Ordinal);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(found ? "stream: Eicar-Test-Signature FOUND\0" : "stream: OK\0"));
            }
        }
    }
}
