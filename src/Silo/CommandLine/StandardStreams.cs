using System.Runtime.InteropServices;
using System.Text;

namespace Grainflow.Silo.CommandLine;

/// <summary>Standard output cannot be written.</summary>
/// <param name="reason">What the operating system says, for example "No space left on device".</param>
internal sealed class OutputException(string reason) : IOException($"Standard output could not be written: {reason}.")
{
    /// <summary>What the operating system says.</summary>
    public string Reason { get; } = reason;
}

/// <summary>
/// Standard output and standard error, with errors that can be handled. The console's own streams drop what a closed pipe does not take, so
/// that a lost result would look like a printed one, and throw from every place that prints when the device is full.
/// </summary>
internal sealed class StandardStreams
{
    /// <summary>Characters that one write may have: as many as a pipe holds, so that a reader of the first line does not break the pipe under a text.</summary>
    private const int BufferSize = 64 * 1024;

    private readonly DescriptorStream _errors;

    private StandardStreams(DescriptorStream errors) => _errors = errors;

    /// <summary>True when something for standard error was lost. Progress and messages are dropped then; nothing is thrown.</summary>
    public bool ErrorsLost => _errors.Failed;

    /// <summary>Puts both in the place of the console's. Writing to <see cref="Console.Out"/> throws <see cref="OutputException"/> when it fails.</summary>
    public static StandardStreams Open()
    {
        var errors = new DescriptorStream(2, throws: false);
        Console.SetOut(Writer(new DescriptorStream(1, throws: true)));
        Console.SetError(Writer(errors));
        return new StandardStreams(errors);
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferSize) { AutoFlush = true };

    /// <summary>Writes to an open descriptor.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="throws">False to drop everything after the first error.</param>
    private sealed class DescriptorStream(int descriptor, bool throws) : Stream
    {
        private const int Interrupted = 4;
        private const short Writable = 4;
        private static readonly int WouldBlock = OperatingSystem.IsLinux() ? 11 : 35;
        private volatile bool _failed;

        public bool Failed => _failed;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_failed && !throws) return;
            while (!buffer.IsEmpty)
            {
                var written = WriteBytes(descriptor, in MemoryMarshal.GetReference(buffer), buffer.Length);
                if (written >= 0)
                {
                    buffer = buffer[(int)written..];
                    continue;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error == Interrupted) continue;
                if (error == WouldBlock)
                {
                    // The descriptor is shared with a program that made it non-blocking: wait for room.
                    var room = new PollRequest { Descriptor = descriptor, Events = Writable };
                    _ = Poll(ref room, 1, -1);
                    continue;
                }

                _failed = true;
                if (throws) throw new OutputException(Marshal.GetPInvokeErrorMessage(error));
                return;
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
            // Nothing is kept back.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        [DllImport("libc", EntryPoint = "write", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nint WriteBytes(int descriptor, in byte start, nint length);

        [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Poll(ref PollRequest requests, nuint count, int milliseconds);

        [StructLayout(LayoutKind.Sequential)]
        private struct PollRequest
        {
            public int Descriptor;
            public short Events;
            public short Returned;
        }
    }
}
