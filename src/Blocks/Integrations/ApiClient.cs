using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations;

/// <summary>
/// Sends the requests of one block to a vendor, with the credential of its pin <c>credentials</c>, through the guarded client.
/// <list type="bullet">
/// <item>An answer that there were too many requests is honoured: the request, which was not served, is sent again after the time that the vendor asks for, four times at most. When
/// that is longer than a minute, the block fails and names it.</item>
/// <item>A request that may be sent twice is also sent again when the vendor is out of order for the moment (502 to 504). Any other one is not: its outcome is not known.</item>
/// <item>Refusals and errors name the vendor, the status and what the vendor says, and never the secret.</item>
/// </list>
/// </summary>
/// <param name="vendor">The API.</param>
/// <param name="context">The node execution.</param>
internal sealed class ApiClient(Vendor vendor, BlockContext context)
{
    /// <summary>The most bytes of an answer that is read as JSON: what a block may emit.</summary>
    public const int MostBytes = 32 * 1024 * 1024;

    private const int MostAttempts = 4;

    // A secret that is shorter is found in too many texts.
    private const int LeastSecret = 4;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>The secret of the pin <c>credentials</c>.</summary>
    public Credential Credential => context.Credentials["credentials"];

    /// <summary>The node execution.</summary>
    public BlockContext Context => context;

    /// <summary>The JSON at a path.</summary>
    /// <param name="path">The path with its query.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">There is no answer, or it is a refusal, an error or no JSON.</exception>
    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(new ApiRequest(HttpMethod.Get, path), cancellationToken);

    /// <summary>Sends JSON by POST, and reads the JSON of the answer.</summary>
    /// <typeparam name="T">The type of the body.</typeparam>
    /// <param name="path">The path with its query.</param>
    /// <param name="body">The body, as <see cref="ApiRequest.JsonOf"/> writes it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">There is no answer, or it is a refusal, an error or no JSON.</exception>
    public Task<JsonElement> PostAsync<T>(string path, T body, CancellationToken cancellationToken) =>
        SendAsync(new ApiRequest(HttpMethod.Post, path) { Json = ApiRequest.JsonOf(body) }, cancellationToken);

    /// <summary>Sends a request, and reads the JSON of the answer; null for an answer without a body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">There is no answer, or it is a refusal, an error or no JSON.</exception>
    public async Task<JsonElement> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var reply = await ReplyAsync(request, cancellationToken);
        if (reply.Body.IsEmpty) return JsonValues.Null;
        if (reply.Body.Length > MostBytes) throw new BlockException($"The answer of {vendor.Title} has more than {MostBytes / 1024 / 1024} MB; ask for less");
        return JsonValues.TryParse(reply.Text(), out var json) ? json : throw Malformed("it is no JSON");
    }

    /// <summary>Sends a request, and reads an answer of 200 to 299 of any kind.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">There is no answer, or it is a refusal or an error.</exception>
    public async Task<OutgoingReply> ReplyAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var reply = await OnceAsync(request, cancellationToken);
            if (reply.IsSuccess) return reply;
            var text = reply.Text();
            if (!JsonValues.TryParse(text, out var error)) error = default;
            var isLimited = reply.Status == 429 || vendor.LimitsRate(reply.Status, error);
            var reason = WithoutSecret(ApiAnswers.ReasonOf(error, text));
            if (!isLimited && !(reply.Status is 502 or 503 or 504 && request.IsRepeatable)) throw Refused(reply.Status, reason);
            var asked = ApiAnswers.PauseOf(reply.RetryAfter, error, context.Clock.GetUtcNow());
            var pause = asked ?? TimeSpan.FromSeconds(Math.Pow(2, attempt));
            if (attempt == MostAttempts || pause > LongestPause) throw Failed(reply.Status, reason, isLimited, asked);
            await Task.Delay(pause, context.Clock, cancellationToken);
        }
    }

    /// <summary>That member of an answer.</summary>
    /// <param name="answer">The answer, or a part of it.</param>
    /// <param name="name">The member's name.</param>
    /// <exception cref="BlockException">It is missing or null.</exception>
    public JsonElement Need(JsonElement answer, string name) =>
        answer.Member(name) is { } member && !member.IsNull() ? member : throw Malformed($"it has no '{name}'");

    /// <summary>The text of that member of an answer.</summary>
    /// <inheritdoc cref="Need" path="/param"/>
    /// <exception cref="BlockException">It is missing or no text.</exception>
    public string NeedText(JsonElement answer, string name) => answer.Text(name) ?? throw Malformed($"it has no text '{name}'");

    /// <summary>The list of that member of an answer.</summary>
    /// <inheritdoc cref="Need" path="/param"/>
    /// <exception cref="BlockException">It is missing or no list.</exception>
    public IReadOnlyList<JsonElement> NeedItems(JsonElement answer, string name) =>
        answer.Member(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : throw Malformed($"it has no list '{name}'");

    /// <summary>The failure that an answer is not what the vendor describes.</summary>
    /// <param name="problem">What is wrong with it.</param>
    public BlockException Malformed(string problem) => new($"The answer of {vendor.Title} cannot be read: {problem}");

    private async Task<OutgoingReply> OnceAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = MessageOf(request);
        try
        {
            return await context.Http.SendAsync(message, cancellationToken);
        }
        catch (OutgoingHttpException e)
        {
            throw new BlockException($"{vendor.Title} could not be reached: {e.Message}", e);
        }
    }

    private HttpRequestMessage MessageOf(ApiRequest request)
    {
        var address = vendor.AddressIn(context.Integrations) + request.Path;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) throw new BlockException($"'{address}' is not a web address");
        var message = new HttpRequestMessage(request.Method, uri) { Content = request.Content?.Invoke() };
        if (request.Json is { } json)
        {
            message.Content = new ByteArrayContent(JsonValues.CompactUtf8(json));
            message.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        if (request.Proxy is { } proxy) message.Options.Set(RequestHop.Through, proxy);
        if (request.TimeLimit is { } limit) message.Options.Set(RequestHop.TimeLimit, limit);
        foreach (var (name, value) in request.Headers) message.Headers.TryAddWithoutValidation(name, value);
        if (!request.IsAuthorized) return message;
        var (header, secret) = vendor.Authorization(Credential);
        message.Headers.TryAddWithoutValidation(header, secret);
        message.Options.Set(RequestHop.SecretHeaders, [header]);
        return message;
    }

    private static string StatusText(int status) => status.ToString(CultureInfo.InvariantCulture);

    private ApiException Refused(int status, string reason) => new(status, status switch
    {
        401 => $"{vendor.Title} refused the credential (401): {reason}. It is wrong, has expired or was revoked; connect it again or choose another in 'credentials'",
        403 => $"{vendor.Title} does not allow this with the credential (403): {reason}. It may lack a permission, or access to what was named",
        _ => $"{vendor.Title} answered {StatusText(status)}: {reason}",
    });

    private ApiException Failed(int status, string reason, bool isLimited, TimeSpan? asked)
    {
        if (!isLimited) return Refused(status, reason);
        var when = asked is { } pause ? $"in {Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture)} seconds" : "later";
        return new ApiException(status, $"{vendor.Title} had too many requests of this credential ({StatusText(status)}): {reason}. Try again {when}");
    }

    // Some vendors repeat the key in their messages.
    private string WithoutSecret(string text) =>
        context.Credentials.Values.Where(credential => credential.Secret.Length >= LeastSecret).Aggregate(text, (shown, credential) => shown.Replace(credential.Secret, "***", StringComparison.Ordinal));
}
