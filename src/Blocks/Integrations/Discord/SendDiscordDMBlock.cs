using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Discord;

[Block("40d71a5a-e268-4060-9ee0-38ae6f225682", "Sends a direct message to a user.", "SOCIAL", Effect = BlockEffect.Irreversible)]
internal sealed class SendDiscordDMBlock : Block<SendDiscordDMBlock.Input, SendDiscordDMBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (status, id) = await SendAsync(new DiscordClient(context), input, cancellationToken);
        yield return Emit(nameof(Output.Status), status);
        if (id is not null) yield return Emit(nameof(Output.MessageId), id);
    }

    private static async Task<(string Status, string? Id)> SendAsync(DiscordClient client, Input input, CancellationToken cancellationToken)
    {
        if (!DiscordClient.IsId(input.UserId)) return ($"Invalid user ID format: {input.UserId}", null);
        if (!await client.HasUserAsync(input.UserId, cancellationToken)) return ($"User with ID {input.UserId} not found", null);
        try
        {
            var channel = await client.OpenDirectAsync(input.UserId, cancellationToken);
            return ("DM sent successfully", await client.SendAsync(channel, input.MessageContent, "direct", replyTo: null, cancellationToken));
        }
        catch (ApiException e) when (e.Status == 403)
        {
            return ("Cannot send DM - user has DMs disabled or bot is blocked", null);
        }
    }

    internal sealed record Input
    {
        [CredentialsPin("discord")]
        public required CredentialsReference Credentials { get; init; }

        public required string UserId { get; init; }

        public required string MessageContent { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Status { get; init; }

        public required string MessageId { get; init; }
    }
}
