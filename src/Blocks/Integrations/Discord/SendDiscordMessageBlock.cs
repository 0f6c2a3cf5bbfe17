using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Text;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Discord;

[Block("d0822ab5-9f8a-44a3-8971-531dd0178b6b", "Posts a message to a channel.", "SOCIAL", Effect = BlockEffect.Irreversible)]
internal sealed class SendDiscordMessageBlock : Block<SendDiscordMessageBlock.Input, SendDiscordMessageBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new DiscordClient(context);
        var channel = await client.FindChannelAsync(input.ChannelName, input.ServerName, one => one.IsText, cancellationToken);
        if (channel is not { TakesMessages: true })
        {
            var problem = channel is null ? $"Channel not found: {input.ChannelName}" : $"Channel {input.ChannelName} cannot receive messages (not a text channel)";
            yield return Emit(nameof(Output.Status), problem);
            yield break;
        }

        var last = "";
        foreach (var (index, part) in Parts(input.MessageContent).Index()) last = await client.SendAsync(channel.Id, part, $"part {index}", replyTo: null, cancellationToken);
        yield return Emit(nameof(Output.Status), "Message sent");
        yield return Emit(nameof(Output.MessageId), last);
        yield return Emit(nameof(Output.ChannelId), channel.Id);
    }

    // The vendor takes 2,000 characters in a message.
    private static IEnumerable<string> Parts(string text)
    {
        const int Most = 2000;
        for (var rest = text; rest.Length > 0;)
        {
            var part = CodePointText.Cut(rest, Most);
            yield return part;
            rest = rest[part.Length..];
        }
    }

    internal sealed record Input
    {
        [CredentialsPin("discord")]
        public required CredentialsReference Credentials { get; init; }

        public required string MessageContent { get; init; }

        public required string ChannelName { get; init; }

        public string ServerName { get; init; } = "";
    }

    internal sealed record Output : BlockResult
    {
        public required string Status { get; init; }

        public required string MessageId { get; init; }

        public required string ChannelId { get; init; }
    }
}
