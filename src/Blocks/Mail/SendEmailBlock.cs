using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Catalogue;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Grainflow.Blocks.Mail;

[Block("4335878a-394e-4e67-adf2-919877ff49ae", "Sends plain-text mail through an SMTP server.", "OUTPUT", Effect = BlockEffect.Irreversible)]
internal sealed class SendEmailBlock : Block<SendEmailBlock.Input, SendEmailBlock.Output>
{
    // The port on which TLS begins with the connection (RFC 8314, section 3.3). On all others it begins with STARTTLS.
    private const int ImplicitTlsPort = 465;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var credential = context.Credentials[nameof(Input.Credentials).ToLowerInvariant()];
        using var message = MessageOf(input, credential, context);
        using var limit = new CancellationTokenSource(TimeLimit, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await SendAsync(message, input.Config, credential, context.Streams, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BlockException($"{input.Config.SmtpServer} did not take the mail within {TimeLimit.TotalSeconds} seconds. It may have been sent", e);
        }
        // MailKit throws the second group for what the server answers, and for answers that it cannot read.
        catch (Exception e) when (e is OutgoingHttpException or IOException or SocketException or System.Security.Authentication.AuthenticationException
            or MailKit.Security.AuthenticationException or SslHandshakeException or CommandException or ProtocolException or NotSupportedException)
        {
            throw new BlockException($"Couldn't send email: {e.Message}", e);
        }

        yield return Emit(nameof(Output.Status), "Email sent successfully");
    }

    private static MimeMessage MessageOf(Input input, Credential credential, BlockContext context)
    {
        if (!MailboxAddress.TryParse(credential.Username ?? "", out var sender)) throw new BlockException("The user name of 'credentials' is the sender and must be a mail address");
        if (!MailboxAddress.TryParse(input.ToEmail, out var recipient)) throw new BlockException($"'to_email' must be a mail address, not '{input.ToEmail}'");
        return new MimeMessage([sender], [recipient], input.Subject, new TextPart("plain") { Text = input.Body })
        {
            Date = context.Clock.GetUtcNow(),
            // An attempt that is repeated after a crash may send the mail again; by the same id a mailbox can tell.
            MessageId = $"{context.NodeExecutionId}@grainflow",
        };
    }

    private static async Task SendAsync(MimeMessage message, SMTPConfig config, Credential credential, IOutgoingStreams streams, CancellationToken cancellationToken)
    {
        var port = config.SmtpPort is > 0 and <= ushort.MaxValue ? (int)config.SmtpPort : throw new BlockException($"'smtp_port' must be 1 to {ushort.MaxValue}");
        await using var connection = await streams.ConnectAsync(config.SmtpServer, port, cancellationToken);
        // The check of revocation would fetch addresses that certificates name, past the guarded client.
        using var client = new SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = streams.CertificateCheck };
        await client.ConnectAsync(connection, config.SmtpServer, port, port == ImplicitTlsPort ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls, cancellationToken);
        await client.AuthenticateAsync(credential.Username!, credential.Secret, cancellationToken);
        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    internal sealed record Input
    {
        public required string ToEmail { get; init; }

        public required string Subject { get; init; }

        public required string Body { get; init; }

        [Pin(Title = "SMTP Config")]
        public required SMTPConfig Config { get; init; }

        [CredentialsPin("smtp", Types = [CredentialTypes.UserPassword])]
        public required CredentialsReference Credentials { get; init; }
    }

    internal sealed record Output
    {
        public required string Error { get; init; }

        public required string Status { get; init; }
    }
}

/// <summary>A mail server.</summary>
internal sealed record SMTPConfig
{
    [Pin(Advanced = false)]
    public required string SmtpServer { get; init; }

    [Pin(Advanced = true)]
    public long SmtpPort { get; init; } = 25;
}
