using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.YouTube;

/// <summary>
/// The captions of videos. YouTube has no API for those of other people's videos; this does what its own players do: it reads the page of the video, asks the player's API for the
/// list of captions, and fetches one of them. When YouTube changes these, it fails. Requests go through the proxies of Webshare, to whose account the credential belongs, because
/// YouTube turns those of data centres away; not when the settings put another address in the place of YouTube's.
/// </summary>
/// <param name="context">The node execution.</param>
internal sealed partial class TranscriptClient(BlockContext context)
{
    // An app whose captions need no further proof that a browser asks.
    private const string ClientName = "ANDROID";

    private const string ClientVersion = "20.10.38";

    private static readonly Uri ProxyAddress = new("http://p.webshare.io:80");

    private const int MostCharacters = 16 * 1024 * 1024;

    private static readonly Vendor Vendor = new("youtube", "YouTube", "https://www.youtube.com");

    private readonly ApiClient _client = new(Vendor, context);

    // The end of the name asks for another address with each request.
    private OutgoingProxy? Proxy => _client.Credential is { Username: { Length: > 0 } user, Secret: var password } && !context.Integrations.Bases.ContainsKey(Vendor.Integration)
        ? new OutgoingProxy(ProxyAddress, user + "-rotate", password)
        : null;

    /// <summary>The lines of the captions of a video: English ones, else the first in the list, those of people before those of machines.</summary>
    /// <param name="videoId">The video.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">The video cannot be played or has no captions, or a request failed.</exception>
    public async Task<IReadOnlyList<string>> LinesAsync(string videoId, CancellationToken cancellationToken)
    {
        var key = KeyPattern().Match(await PageAsync(videoId, cancellationToken)) is { Success: true } match ? match.Groups["key"].Value : throw _client.Malformed("the page of the video has no player");
        var player = await _client.SendAsync(
            new ApiRequest(HttpMethod.Post, $"/youtubei/v1/player?key={key}")
            {
                Json = ApiRequest.JsonOf(new { context = new { client = new { clientName = ClientName, clientVersion = ClientVersion } }, videoId }),
                IsAuthorized = false,
                Proxy = Proxy,
            },
            cancellationToken);
        var state = _client.Need(player, "playabilityStatus");
        if (state.Text("status") != "OK") throw new BlockException($"The video '{videoId}' cannot be played: {state.Text("reason") ?? state.Text("status") ?? "no reason given"}");
        var track = TrackOf(player) ?? throw new BlockException($"The video '{videoId}' has no captions");
        // The address is YouTube's own, so that only its path counts. Without the format it is the older one, in plain XML.
        if (!Uri.TryCreate(track.Text("baseUrl"), UriKind.RelativeOrAbsolute, out var given)) throw _client.Malformed("the captions have no address");
        var path = (given.IsAbsoluteUri ? given.PathAndQuery : given.OriginalString).Replace("&fmt=srv3", "", StringComparison.Ordinal);
        return Parse((await _client.ReplyAsync(new ApiRequest(HttpMethod.Get, path) { IsAuthorized = false, Proxy = Proxy }, cancellationToken)).Text());
    }

    private static JsonElement? TrackOf(JsonElement player)
    {
        var tracks = ((player.Member("captions") ?? default).Member("playerCaptionsTracklistRenderer") ?? default).Items("captionTracks").OrderBy(track => track.Text("kind") == "asr").ToList();
        return tracks.Where(track => track.Text("languageCode") == "en").Concat(tracks).Select(track => (JsonElement?)track).FirstOrDefault();
    }

    private async Task<string> PageAsync(string videoId, CancellationToken cancellationToken)
    {
        var page = await PageAsync(videoId, cookie: null, cancellationToken);
        // In some countries a form asks for consent first.
        if (page.Contains("action=\"https://consent.youtube.com/s\"", StringComparison.Ordinal) && ConsentPattern().Match(page) is { Success: true } form)
            page = await PageAsync(videoId, $"CONSENT=YES+{form.Groups["value"].Value}", cancellationToken);
        return page.Contains("class=\"g-recaptcha\"", StringComparison.Ordinal) ? throw new BlockException("YouTube asks whether a person is there, because too many requests came from this address. Try again later") : page;
    }

    private async Task<string> PageAsync(string videoId, string? cookie, CancellationToken cancellationToken)
    {
        var request = new ApiRequest(HttpMethod.Get, "/watch" + ApiRequest.Query(("v", videoId)))
        {
            Headers = [KeyValuePair.Create("Accept-Language", "en-US"), .. cookie is null ? Array.Empty<KeyValuePair<string, string>>() : [KeyValuePair.Create("Cookie", cookie)]],
            IsAuthorized = false,
            Proxy = Proxy,
        };
        return WebUtility.HtmlDecode((await _client.ReplyAsync(request, cancellationToken)).Text());
    }

    private static List<string> Parse(string xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = MostCharacters });
            return [.. XDocument.Load(reader).Descendants("text").Select(line => TagPattern().Replace(WebUtility.HtmlDecode(line.Value), "")).Where(line => line.Length > 0)];
        }
        catch (XmlException e)
        {
            throw new BlockException("The answer of YouTube cannot be read: the captions are no XML", e);
        }
    }

    [GeneratedRegex("\"INNERTUBE_API_KEY\":\\s*\"(?<key>[A-Za-z0-9_-]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyPattern();

    [GeneratedRegex("name=\"v\" value=\"(?<value>[A-Za-z0-9._-]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ConsentPattern();

    [GeneratedRegex("<[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex TagPattern();
}
