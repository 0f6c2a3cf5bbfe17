using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations.Discord;

/// <summary>What a bot of Discord sees and says, by the REST API.</summary>
/// <param name="context">The node execution.</param>
internal sealed class DiscordClient(BlockContext context)
{
    private const string Root = "/api/v10";

    // The most that the vendor gives in one answer.
    private const int GuildsOfPage = 200;

    private const int MostPages = 10;

    // The most characters of a nonce.
    private const int NonceLength = 25;

    private static readonly Vendor Vendor = new("discord", "Discord", "https://discord.com")
    {
        Authorization = credential => KeyValuePair.Create("Authorization", "Bot " + credential.Secret),
    };

    private readonly ApiClient _client = new(Vendor, context);

    /// <summary>The id of the bot.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<string> OwnIdAsync(CancellationToken cancellationToken) => _client.NeedText(await _client.GetAsync(Root + "/users/@me", cancellationToken), "id");

    /// <summary>The servers that the bot is in.</summary>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">A request failed.</exception>
    public async Task<IReadOnlyList<(string Id, string Name)>> GuildsAsync(CancellationToken cancellationToken)
    {
        var guilds = new List<(string Id, string Name)>();
        for (var page = 0; page < MostPages; page++)
        {
            var query = ApiRequest.Query(("limit", GuildsOfPage.ToString(CultureInfo.InvariantCulture)), ("after", guilds.Count > 0 ? guilds[^1].Id : null));
            var answer = ListOf(await _client.GetAsync(Root + "/users/@me/guilds" + query, cancellationToken));
            guilds.AddRange(answer.Select(guild => (_client.NeedText(guild, "id"), guild.Text("name") ?? "")));
            if (answer.Count < GuildsOfPage) break;
        }

        return guilds;
    }

    /// <summary>The name of a server.</summary>
    /// <param name="guildId">The server.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<string> GuildNameAsync(string guildId, CancellationToken cancellationToken) =>
        (await _client.GetAsync($"{Root}/guilds/{Uri.EscapeDataString(guildId)}", cancellationToken)).Text("name") ?? "";

    /// <summary>The channels of a server, without threads.</summary>
    /// <param name="guild">The server.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<IReadOnlyList<DiscordChannel>> ChannelsAsync((string Id, string Name) guild, CancellationToken cancellationToken) =>
        [.. ListOf(await _client.GetAsync($"{Root}/guilds/{Uri.EscapeDataString(guild.Id)}/channels", cancellationToken)).Select(channel => ChannelOf(channel) with { GuildId = guild.Id, GuildName = guild.Name })];

    /// <summary>The channel with that id, or the first with that name; null when the bot sees none.</summary>
    /// <param name="identifier">An id, which is a number, or a name.</param>
    /// <param name="server">The name of the server to look in; "" for all.</param>
    /// <param name="isWanted">Whether a channel of that name counts.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">A request failed.</exception>
    public async Task<DiscordChannel?> FindChannelAsync(string identifier, string server, Func<DiscordChannel, bool> isWanted, CancellationToken cancellationToken)
    {
        if (IsId(identifier))
        {
            try
            {
                return ChannelOf(await _client.GetAsync($"{Root}/channels/{identifier}", cancellationToken));
            }
            catch (ApiException e) when (e.Status == 404)
            {
                return null;
            }
        }

        foreach (var guild in await GuildsAsync(cancellationToken))
        {
            if (server.Length > 0 && guild.Name != server) continue;
            if ((await ChannelsAsync(guild, cancellationToken)).FirstOrDefault(channel => channel.Name == identifier && isWanted(channel)) is { } found) return found;
        }

        return null;
    }

    /// <summary>The newest messages of a channel after one, at most 100, newest first.</summary>
    /// <param name="channelId">The channel.</param>
    /// <param name="after">The id of the message before them.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<IReadOnlyList<JsonElement>> MessagesAsync(string channelId, ulong after, CancellationToken cancellationToken) =>
        ListOf(await _client.GetAsync($"{Root}/channels/{Uri.EscapeDataString(channelId)}/messages?after={after.ToString(CultureInfo.InvariantCulture)}&limit=100", cancellationToken));

    /// <summary>Whether there is a message.</summary>
    /// <param name="channelId">The channel.</param>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public Task<bool> HasMessageAsync(string channelId, string messageId, CancellationToken cancellationToken) => ExistsAsync($"/channels/{channelId}/messages/{messageId}", cancellationToken);

    /// <summary>Whether there is a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public Task<bool> HasUserAsync(string userId, CancellationToken cancellationToken) => ExistsAsync($"/users/{userId}", cancellationToken);

    /// <summary>The channel of direct messages with a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<string> OpenDirectAsync(string userId, CancellationToken cancellationToken) =>
        _client.NeedText(await _client.PostAsync(Root + "/users/@me/channels", new { recipient_id = userId }, cancellationToken), "id");

    /// <summary>
    /// Sends a message and returns its id. It has a nonce that is derived from the node execution and that the vendor enforces, so that an attempt which is repeated within minutes
    /// gets the message of the attempt before.
    /// </summary>
    /// <param name="channelId">The channel.</param>
    /// <param name="content">The text, 2,000 characters at most.</param>
    /// <param name="part">Tells the messages of one node execution apart.</param>
    /// <param name="replyTo">The message that is answered and whether its author is told; null for none.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<string> SendAsync(string channelId, string content, string part, (string MessageId, bool Mentions)? replyTo, CancellationToken cancellationToken)
    {
        var body = new
        {
            content,
            nonce = DerivedKey.Of(context, part)[..NonceLength],
            enforce_nonce = true,
            message_reference = replyTo is { } reply ? new { message_id = reply.MessageId, channel_id = channelId } : null,
            allowed_mentions = replyTo is { } told ? new { parse = (string[])["everyone", "roles", "users"], replied_user = told.Mentions } : null,
        };
        return _client.NeedText(await _client.PostAsync($"{Root}/channels/{Uri.EscapeDataString(channelId)}/messages", body, cancellationToken), "id");
    }

    /// <summary>Whether a text is an id: a whole number of 64 bits.</summary>
    /// <param name="text">The text.</param>
    public static bool IsId(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static DiscordChannel ChannelOf(JsonElement channel) => new(channel.Text("id") ?? "", channel.Text("name"), channel.Whole("type") ?? -1)
    {
        GuildId = channel.Text("guild_id") ?? "",
        LastMessage = ulong.TryParse(channel.Text("last_message_id"), NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0,
    };

    private async Task<bool> ExistsAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await _client.GetAsync(Root + path, cancellationToken);
            return true;
        }
        catch (ApiException e) when (e.Status == 404)
        {
            return false;
        }
    }

    private IReadOnlyList<JsonElement> ListOf(JsonElement answer) => answer.ValueKind == JsonValueKind.Array ? [.. answer.EnumerateArray()] : throw _client.Malformed("it is no list");
}

/// <summary>A channel.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name; null for direct messages.</param>
/// <param name="Type">The vendor's number of its type.</param>
internal sealed record DiscordChannel(string Id, string? Name, long Type)
{
    /// <summary>The server; "" for direct messages.</summary>
    public string GuildId { get; init; } = "";

    /// <summary>The name of the server; "" where it is not known.</summary>
    public string GuildName { get; init; } = "";

    /// <summary>The id of the newest message, 0 for none.</summary>
    public ulong LastMessage { get; init; }

    /// <summary>The type in words.</summary>
    public string TypeName => Type switch
    {
        0 => "text",
        1 => "private",
        2 => "voice",
        3 => "group",
        4 => "category",
        5 => "news",
        10 => "news_thread",
        11 => "public_thread",
        12 => "private_thread",
        13 => "stage_voice",
        15 => "forum",
        16 => "media",
        _ => "unknown",
    };

    /// <summary>Whether it is one of those that take messages as their first purpose: text and news.</summary>
    public bool IsText => Type is 0 or 5;

    /// <summary>Whether messages can be sent to it.</summary>
    public bool TakesMessages => Type is not (4 or 14 or 15 or 16);
}
