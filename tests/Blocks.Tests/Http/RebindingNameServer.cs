using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Grainflow.Blocks.Tests.Http;

/// <summary>A name server on a UDP port of 127.0.0.1 whose answers change from one question to the next, as a rebinding attack needs them, and a resolver that asks it.</summary>
internal sealed class RebindingNameServer : IAsyncDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly IPAddress[][] _answers;
    private readonly Task _serving;

    /// <summary>Starts a server.</summary>
    /// <param name="answers">The addresses that each question gets, whatever its name; the last ones for all further questions.</param>
    public RebindingNameServer(params IPAddress[][] answers)
    {
        _answers = answers;
        _serving = ServeAsync();
    }

    /// <summary>The names that were asked for, in order.</summary>
    public ConcurrentQueue<string> Questions { get; } = new();

    /// <summary>Asks the server, as the system's resolver asks the server of a network.</summary>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        using var client = new UdpClient();
        client.Connect((IPEndPoint)_socket.Client.LocalEndPoint!);
        // The identifier, one question with recursion desired, the name, type A, class IN (RFC 1035, section 4).
        byte[] question = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. host.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0, 0, 1, 0, 1];
        await client.SendAsync(question, cancellationToken);
        var answer = (await client.ReceiveAsync(cancellationToken)).Buffer;
        var count = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6));
        return [.. Enumerable.Range(0, count).Select(record => new IPAddress(answer.AsSpan(question.Length + (record * 16) + 12, 4)))];
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var question = await _socket.ReceiveAsync();
                var addresses = _answers[Math.Min(Questions.Count, _answers.Length - 1)];
                Questions.Enqueue(NameIn(question.Buffer));
                // The question again, then records that point to its name, with a time to live of 0.
                byte[] answer = [.. question.Buffer[..2], 0x81, 0x80, 0, 1, 0, (byte)addresses.Length, 0, 0, 0, 0, .. question.Buffer[12..],
                    .. addresses.SelectMany(address => (byte[])[0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, .. address.GetAddressBytes()])];
                await _socket.SendAsync(answer, question.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private static string NameIn(byte[] question)
    {
        var labels = new List<string>();
        for (var at = 12; question[at] > 0; at += question[at] + 1) labels.Add(Encoding.ASCII.GetString(question, at + 1, question[at]));
        return string.Join('.', labels);
    }
}
