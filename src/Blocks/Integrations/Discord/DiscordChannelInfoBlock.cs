using System.Runtime.CompilerServices;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;

namespace Grainflow.Blocks.Integrations.Discord;

[Block("592f815e-35c3-4fed-96cd-a69966b45c8f", "Finds a channel by its name or its id.", "SOCIAL", Effect = BlockEffect.Read)]
internal sealed class DiscordChannelInfoBlock : Block<DiscordChannelInfoBlock.Input, DiscordChannelInfoBlock.Output>
{
    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new DiscordClient(context);
        var channel = await client.FindChannelAsync(input.ChannelIdentifier, input.ServerName, _ => true, cancellationToken)
            ?? throw new BlockException($"Channel not found: {input.ChannelIdentifier}");
        var server = channel.GuildId.Length == 0 ? "Direct Message" : channel.GuildName.Length > 0 ? channel.GuildName : await client.GuildNameAsync(channel.GuildId, cancellationToken);
        yield return Emit(nameof(Output.ChannelId), channel.Id);
        yield return Emit(nameof(Output.ChannelName), channel.Name ?? "Private Channel");
        yield return Emit(nameof(Output.ServerId), channel.GuildId);
        yield return Emit(nameof(Output.ServerName), server);
        yield return Emit(nameof(Output.ChannelType), channel.TypeName);
    }

    internal sealed record Input
    {
        [CredentialsPin("discord")]
        public required CredentialsReference Credentials { get; init; }

        public required string ChannelIdentifier { get; init; }

        public string ServerName { get; init; } = "";
    }

    internal sealed record Output : BlockResult
    {
        public required string ChannelId { get; init; }

        public required string ChannelName { get; init; }

        public required string ServerId { get; init; }

        public required string ServerName { get; init; }

        public required string ChannelType { get; init; }
    }
}
