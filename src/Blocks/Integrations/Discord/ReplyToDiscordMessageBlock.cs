using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Discord;

[Block("7226cb99-6e7b-4672-b6b2-acec95336eec", "Answers a message.", "SOCIAL", Effect = BlockEffect.Irreversible)]
internal sealed class ReplyToDiscordMessageBlock : Block<ReplyToDiscordMessageBlock.Input, ReplyToDiscordMessageBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (status, id) = await ReplyAsync(new DiscordClient(context), input, cancellationToken);
        yield return Emit(nameof(Output.Status), status);
        if (id is not null) yield return Emit(nameof(Output.ReplyId), id);
    }

    private static async Task<(string Status, string? Id)> ReplyAsync(DiscordClient client, Input input, CancellationToken cancellationToken)
    {
        foreach (var id in (string[])[input.ChannelId, input.MessageId])
            if (!DiscordClient.IsId(id)) return ($"Invalid ID format: {id}", null);
        if (await client.FindChannelAsync(input.ChannelId, "", _ => true, cancellationToken) is not { } channel) return ($"Channel with ID {input.ChannelId} not found", null);
        if (!channel.TakesMessages) return ($"Channel {input.ChannelId} cannot fetch messages (not a text channel)", null);
        if (!await client.HasMessageAsync(channel.Id, input.MessageId, cancellationToken)) return ($"Message with ID {input.MessageId} not found", null);
        return ("Reply sent successfully", await client.SendAsync(channel.Id, input.ReplyContent, "reply", (input.MessageId, input.MentionAuthor), cancellationToken));
    }

    internal sealed record Input
    {
        [CredentialsPin("discord")]
        public required CredentialsReference Credentials { get; init; }

        public required string ChannelId { get; init; }

        public required string MessageId { get; init; }

        public required string ReplyContent { get; init; }

        public bool MentionAuthor { get; init; } = true;
    }

    internal sealed record Output : BlockResult
    {
        public required string Status { get; init; }

        public required string ReplyId { get; init; }
    }
}
