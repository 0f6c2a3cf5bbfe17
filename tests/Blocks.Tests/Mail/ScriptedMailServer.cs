using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;
using MimeKit;

namespace Grainflow.Blocks.Tests.Mail;

/// <summary>What a mail server does in a test.</summary>
internal enum MailServerMood
{
    /// <summary>Takes the mail.</summary>
    Ok,

    /// <summary>Refuses connections.</summary>
    Refused,

    /// <summary>Offers no STARTTLS.</summary>
    WithoutTls,

    /// <summary>Refuses the password.</summary>
    WrongPassword,

    /// <summary>Accepts the connection and says nothing.</summary>
    Silent,
}

/// <summary>
/// An SMTP server with STARTTLS on a port of 127.0.0.1, to which every connection of a block leads. It keeps what was done, in the form of the contract's vectors.
/// </summary>
internal sealed class ScriptedMailServer(MailServerMood mood) : IOutgoingStreams, IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate = Certificate();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _serving = Task.CompletedTask;

    /// <summary>The steps, each a list of its name and what belongs to it.</summary>
    public List<JsonElement> Steps { get; } = [];

    /// <summary>The last mail that was taken.</summary>
    public MimeMessage? Mail { get; private set; }

    /// <summary>Completes when a client has connected.</summary>
    public Task Connected => _connected.Task;

    /// <summary>Trusts the certificate of this server alone.</summary>
    public RemoteCertificateValidationCallback? CertificateCheck => (_, certificate, _, _) => certificate is not null && certificate.GetCertHashString() == _certificate.GetCertHashString();

    public async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        if (mood == MailServerMood.Refused) throw new OutgoingHttpException($"{host}:{port} cannot be reached: Connection refused");
        Step("connect", JsonValues.From(host), JsonValues.From(port));
        _listener.Start();
        var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)_listener.LocalEndpoint, cancellationToken);
        _serving = ServeAsync(await _listener.AcceptTcpClientAsync(cancellationToken));
        _connected.SetResult();
        return client.GetStream();
    }

    public async ValueTask DisposeAsync()
    {
        await _serving;
        _listener.Dispose();
        _certificate.Dispose();
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await SpeakAsync(client.GetStream());
            }
            catch (IOException)
            {
                // The client is gone.
            }
        }
    }

    private async Task SpeakAsync(Stream stream)
    {
        if (mood == MailServerMood.Silent)
        {
            Assert.Null(await LineAsync(stream));
            return;
        }

        await SayAsync(stream, "220 mail.test");
        var (sender, recipient) = ("", "");
        while (await LineAsync(stream) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO" when stream is SslStream:
                    await SayAsync(stream, "250-mail.test\r\n250 AUTH PLAIN");
                    break;
                case "EHLO":
                    await SayAsync(stream, mood == MailServerMood.WithoutTls ? "250 mail.test" : "250-mail.test\r\n250 STARTTLS");
                    break;
                case "STARTTLS":
                    Step("starttls");
                    await SayAsync(stream, "220 go ahead");
                    var secure = new SslStream(stream);
                    await secure.AuthenticateAsServerAsync(_certificate);
                    stream = secure;
                    break;
                case "AUTH":
                    var words = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2])).Split('\0');
                    Step("login", JsonValues.From(words[1]));
                    Assert.Equal("pw", words[2]);
                    await SayAsync(stream, mood == MailServerMood.WrongPassword ? "535 no" : "235 welcome");
                    break;
                case "MAIL":
                    sender = Between(line);
                    await SayAsync(stream, "250 ok");
                    break;
                case "RCPT":
                    recipient = Between(line);
                    await SayAsync(stream, "250 ok");
                    break;
                case "DATA":
                    await SayAsync(stream, "354 begin");
                    Mail = await MailAsync(stream);
                    Step("sendmail", JsonValues.From(sender), JsonValues.From(recipient), Shown(Mail));
                    await SayAsync(stream, "250 taken");
                    break;
                case "QUIT":
                    await SayAsync(stream, "221 bye");
                    return;
                default:
                    await SayAsync(stream, "500 unknown");
                    break;
            }
        }
    }

    private static JsonElement Shown(MimeMessage mail) => JsonValues.Object(
        KeyValuePair.Create("From", JsonValues.From(mail.From.ToString())),
        KeyValuePair.Create("To", JsonValues.From(mail.To.ToString())),
        KeyValuePair.Create("Subject", JsonValues.From(mail.Subject)),
        KeyValuePair.Create("body", JsonValues.From(mail.TextBody!.TrimEnd('\r', '\n'))));

    private static async Task<MimeMessage> MailAsync(Stream stream)
    {
        var text = new StringBuilder();
        while (await LineAsync(stream) is { } line && line != ".") text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        return await MimeMessage.LoadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Between(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];

    private static async Task SayAsync(Stream stream, string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"));

    private static async Task<string?> LineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            if (one[0] == '\n') return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add(one[0]);
        }

        return null;
    }

    private void Step(string name, params JsonElement[] rest) => Steps.Add(JsonValues.Array([JsonValues.From(name), .. rest]));

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=mail.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        // With the key beside it in one object, as TLS needs it.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
