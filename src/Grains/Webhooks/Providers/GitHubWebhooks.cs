using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;
using Grainflow.Grains.Interfaces.Webhooks;
using Grainflow.Storage.Webhooks;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Webhooks.Providers;

/// <summary>Webhooks of repositories on GitHub (contract: semantics 4.8, row GitHub).</summary>
internal sealed partial class GitHubWebhooks(ProviderHttp http, IOptions<WebhookOptions> options) : WebhookProvider("github", "")
{
    private const string EventHeader = "x-github-event";
    private const string SignatureHeader = "x-hub-signature-256";
    private const string DeliveryHeader = "x-github-delivery";
    private const string SignaturePrefix = "sha256=";

    /// <inheritdoc/>
    public override bool SendsPings => true;

    /// <inheritdoc/>
    public override ReadDelivery Read(IncomingDelivery delivery, ReadOnlySpan<byte> secret)
    {
        if (delivery.Headers.GetValueOrDefault(EventHeader) is not { Length: > 0 } name) throw new DeliveryRefusedException(DeliveryOutcome.Invalid, "X-GitHub-Event header is missing!");
        if (delivery.Headers.GetValueOrDefault(SignatureHeader) is not { Length: > 0 } signature) throw new DeliveryRefusedException(DeliveryOutcome.Forbidden, "X-Hub-Signature-256 header is missing!");
        if (!IsSigned(delivery.Body.AsSpan(), signature, secret)) throw new DeliveryRefusedException(DeliveryOutcome.Forbidden, "Request signatures didn't match!");
        var payload = Json(delivery);
        if (payload.Member("action") is { ValueKind: JsonValueKind.String } action && action.GetString() is { Length: > 0 } what) name += "." + what;
        return new ReadDelivery(delivery.Headers.GetValueOrDefault(DeliveryHeader), name, delivery.Body.AsMemory(), payload);
    }

    /// <inheritdoc/>
    public override async Task<ProviderWebhook> RegisterAsync(WebhookRegistration registration, CancellationToken cancellationToken)
    {
        var webhook = registration.Webhook;
        var body = new JsonObject
        {
            ["name"] = "web",
            ["active"] = true,
            // GitHub knows the events without their actions: pull_request, and not pull_request.opened.
            ["events"] = new JsonArray([.. webhook.Events.Select(name => name.Split('.')[0]).Distinct(StringComparer.Ordinal).Select(name => (JsonNode?)name)]),
            ["config"] = new JsonObject { ["url"] = registration.Address, ["content_type"] = "json", ["insecure_ssl"] = "0", ["secret"] = registration.Secret },
        };
        var reply = await SendAsync(HttpMethod.Post, HooksOf(webhook.Resource), registration.Credential, body, cancellationToken);
        return reply.Status == 201 && Read(reply.Json) is { } registered ? registered : throw Refused("Failed to create GitHub webhook", reply, webhook.Resource);
    }

    /// <inheritdoc/>
    public override async Task<ProviderWebhook?> FindAsync(WebhookRegistration registration, CancellationToken cancellationToken)
    {
        var hooks = HooksOf(registration.Webhook.Resource);
        var reply = await SendAsync(HttpMethod.Get, new Uri($"{hooks}?per_page=100"), registration.Credential, null, cancellationToken);
        if (reply.Status != 200 || reply.Json.ValueKind != JsonValueKind.Array) throw Refused("Failed to list GitHub webhooks", reply, registration.Webhook.Resource);
        var found = reply.Json.EnumerateArray().FirstOrDefault(hook => hook.Member("config")?.Member("url") is { ValueKind: JsonValueKind.String } url && url.GetString() == registration.Address);
        return found.ValueKind == JsonValueKind.Undefined ? null : Read(found);
    }

    /// <inheritdoc/>
    public override async Task DeregisterAsync(WebhookRow webhook, Credential credential, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(HttpMethod.Delete, new Uri($"{HooksOf(webhook.Resource)}/{Uri.EscapeDataString(webhook.ProviderWebhookId)}"), credential, null, cancellationToken);
        if (reply.Status is not (204 or 404)) throw Refused("Failed to delete GitHub webhook", reply, webhook.Resource);
    }

    /// <inheritdoc/>
    public override async Task PingAsync(WebhookRow webhook, Credential credential, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(HttpMethod.Post, new Uri($"{HooksOf(webhook.Resource)}/{Uri.EscapeDataString(webhook.ProviderWebhookId)}/pings"), credential, null, cancellationToken);
        if (reply.Status != 204) throw Refused("GitHub error", reply, webhook.Resource);
    }

    private static bool IsSigned(ReadOnlySpan<byte> body, string signature, ReadOnlySpan<byte> secret)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, body, expected);
        Span<byte> text = stackalloc byte[SignaturePrefix.Length + (2 * HMACSHA256.HashSizeInBytes)];
        Encoding.ASCII.GetBytes(SignaturePrefix + Convert.ToHexStringLower(expected), text);
        // Both texts are compared in a time that depends on their lengths only.
        return CryptographicOperations.FixedTimeEquals(text, Encoding.UTF8.GetBytes(signature));
    }

    private static ProviderWebhook? Read(JsonElement hook)
    {
        if (hook.Member("id") is not { ValueKind: JsonValueKind.Number } id) return null;
        var config = hook.Member("config") is { ValueKind: JsonValueKind.Object } given ? given : JsonValues.EmptyObject;
        var shown = JsonValues.Object(config.EnumerateObject().Where(member => member.Name != "secret").Select(member => KeyValuePair.Create(member.Name, member.Value)));
        return new ProviderWebhook(id.GetRawText(), JsonValues.CompactUtf8(shown));
    }

    private static WebhookSetupException Refused(string what, ProviderReply reply, string resource)
    {
        var message = reply.Json.Member("message") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : $"status {reply.Status}";
        var details = reply.Json.Member("errors") is { ValueKind: JsonValueKind.Array } errors
            ? errors.EnumerateArray().Select(error => error.Member("message") is { ValueKind: JsonValueKind.String } detail ? detail.GetString() : null).OfType<string>().ToList()
            : [];
        if (details.Count > 0) message += ": " + string.Join("; ", details);
        if (message.Contains("not found", StringComparison.OrdinalIgnoreCase))
            message += $" (Make sure the GitHub account or API key has 'repo' or webhook create permissions to '{resource}')";
        return new WebhookSetupException($"{what}: {message}", isPassing: false);
    }

    private Uri HooksOf(string repository) => RepositoryName().IsMatch(repository) && !repository.Split('/').Any(part => part is "." or "..")
        ? new Uri($"{options.Value.GitHubApiBase.ToString().TrimEnd('/')}/repos/{repository}/hooks")
        : throw new WebhookSetupException("Invalid repo format: expected 'owner/repo'", isPassing: false);

    private Task<ProviderReply> SendAsync(HttpMethod method, Uri address, Credential credential, JsonNode? body, CancellationToken cancellationToken) => http.SendAsync(
        method,
        address,
        [("Authorization", credential.AuthorizationHeader), ("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28"), ("User-Agent", "Grainflow")],
        body,
        cancellationToken);

    [GeneratedRegex(@"\A[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RepositoryName();
}
