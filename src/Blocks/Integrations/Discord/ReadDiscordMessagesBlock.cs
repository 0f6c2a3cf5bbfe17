using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Discord;

/// <summary>
/// Waits for the next message that the bot sees. It asks the REST API every few seconds what the newest message of each channel is, and reads a channel when that changes, where the
/// contract's reference is told over the vendor's WebSocket: so it sees the text and news channels of servers, and neither threads nor direct messages. Messages from before the
/// block started do not count.
/// </summary>
[Block("df06086a-d5ac-4abb-9996-2ad0acb2eff7", "Waits for the next message in the channels that a bot sees.", "SOCIAL", Effect = BlockEffect.Read, Waits = true)]
internal sealed class ReadDiscordMessagesBlock : Block<ReadDiscordMessagesBlock.Input, ReadDiscordMessagesBlock.Output>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async IAsyncEnumerable<BlockOutput> RunAsync(Input input, BlockContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = new DiscordClient(context);
        var own = await client.OwnIdAsync(cancellationToken);
        var (channel, message) = await WaitAsync(client, own, context.Clock, cancellationToken);
        var author = message.Member("author") ?? default;
        yield return Emit(nameof(Output.MessageContent), (message.Text("content") ?? "") + await FileOfAsync(message, context, cancellationToken));
        yield return Emit(nameof(Output.MessageId), message.Text("id") ?? "");
        yield return Emit(nameof(Output.ChannelId), channel.Id);
        yield return Emit(nameof(Output.ChannelName), channel.Name ?? "");
        yield return Emit(nameof(Output.UserId), author.Text("id") ?? "");
        yield return Emit(nameof(Output.Username), author.Text("username") ?? "");
    }

    private static async Task<(DiscordChannel Channel, JsonElement Message)> WaitAsync(DiscordClient client, string own, TimeProvider clock, CancellationToken cancellationToken)
    {
        var guilds = await client.GuildsAsync(cancellationToken);
        if (guilds.Count == 0) throw new BlockException("The bot is in no server; invite it to one first");
        var seen = new Dictionary<string, ulong>(StringComparer.Ordinal);
        for (var isFirst = true; ; isFirst = false)
        {
            foreach (var guild in guilds)
                foreach (var channel in (await client.ChannelsAsync(guild, cancellationToken)).Where(one => one.IsText))
                {
                    var before = seen.TryGetValue(channel.Id, out var known) ? known : isFirst ? channel.LastMessage : 0;
                    seen[channel.Id] = Math.Max(before, channel.LastMessage);
                    if (channel.LastMessage <= before) continue;
                    if (await FindNewAsync(client, channel, before, own, cancellationToken) is { } message) return (channel, message);
                }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    // The oldest first, so that none is passed over.
    private static async Task<JsonElement?> FindNewAsync(DiscordClient client, DiscordChannel channel, ulong before, string own, CancellationToken cancellationToken)
    {
        try
        {
            var messages = await client.MessagesAsync(channel.Id, before, cancellationToken);
            return messages.Reverse().Where(message => (message.Member("author") ?? default).Text("id") != own).Select(message => (JsonElement?)message).FirstOrDefault();
        }
        catch (ApiException e) when (e.Status is 403 or 404)
        {
            // The list of channels also has those that the bot may not read.
            return null;
        }
    }

    private static async Task<string> FileOfAsync(JsonElement message, BlockContext context, CancellationToken cancellationToken)
    {
        var file = message.Items("attachments").FirstOrDefault();
        var name = file.Text("filename") ?? "";
        if (!(name.EndsWith(".txt", StringComparison.Ordinal) || name.EndsWith(".py", StringComparison.Ordinal)) || !Uri.TryCreate(file.Text("url"), UriKind.Absolute, out var address)) return "";
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        try
        {
            var reply = await context.Http.SendAsync(request, cancellationToken);
            if (!reply.IsSuccess) throw new BlockException(string.Create(CultureInfo.InvariantCulture, $"The file '{name}' of the message could not be fetched: the server answered {reply.Status}"));
            return $"\n\nFile from user: {name}\nContent: {reply.Text()}";
        }
        catch (OutgoingHttpException e)
        {
            throw new BlockException($"The file '{name}' of the message could not be fetched: {e.Message}", e);
        }
    }

    internal sealed record Input
    {
        [CredentialsPin("discord")]
        public required CredentialsReference Credentials { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string MessageContent { get; init; }

        public required string MessageId { get; init; }

        public required string ChannelId { get; init; }

        public required string ChannelName { get; init; }

        public required string UserId { get; init; }

        public required string Username { get; init; }
    }
}
