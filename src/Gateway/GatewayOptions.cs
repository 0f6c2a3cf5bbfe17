using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Values;

namespace Grainflow.Gateway;

/// <summary>Settings of the gateway. Names and defaults follow the contract (semantics section 10, DECISIONS 3).</summary>
public sealed class GatewayOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Gateway";

    /// <summary>The user of all requests while authentication is off (contract: semantics 0).</summary>
    public const string DefaultUserId = "3e53486c-cf57-477e-ba2a-cb02dc828e1a";

    /// <summary>The e-mail address of that user.</summary>
    public const string DefaultUserEmail = "default@example.com";

    /// <summary>The id of no user, for questions about what everybody has.</summary>
    public const string Nobody = "nobody";

    /// <summary>False makes every caller the default user with role admin, and refuses requests from foreign pages (decision 3).</summary>
    public bool EnableAuth { get; set; } = true;

    /// <summary>
    /// The key that tokens are checked with: the secret of the HS algorithms, or the public key of the others in PEM. With
    /// <see cref="EnableAuth"/> this or <see cref="JwtJwksUrl"/> must be there.
    /// </summary>
    public string JwtVerifyKey { get; set; } = "";

    /// <summary>The algorithms that tokens may be signed with, with commas between: HS, RS and ES with 256, 384 and 512. No other is accepted.</summary>
    public string JwtSignAlgorithm { get; set; } = "HS256";

    /// <summary>Where the issuer of tokens publishes its public keys, as a JSON Web Key Set (RFC 7517); null for none.</summary>
    public Uri? JwtJwksUrl { get; set; }

    /// <summary>The <c>iss</c> that tokens must have; null accepts any and none.</summary>
    public string? JwtIssuer { get; set; }

    /// <summary>The origins of web pages that may call the API; an entry that begins with <c>regex:</c> is a pattern.</summary>
    public IReadOnlyList<string> CorsAllowOrigins { get; set; } = [];

    /// <summary>The origins to which logins of the external API may come back (contract: semantics 4.6); empty for none. Setting <c>EXTERNAL_OAUTH_CALLBACK_ORIGINS</c>.</summary>
    public IReadOnlyList<string> ExternalOAuthCallbackOrigins { get; set; } = [];

    /// <summary>The largest request body, in bytes. The default admits the largest graph that is accepted.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxRequestBytes { get; set; } = 21 * 1024 * 1024;

    /// <summary>The largest file that is uploaded, in MiB; 1 to 1,024. Setting <c>UPLOAD_FILE_SIZE_LIMIT_MB</c>.</summary>
    [Range(1, 1024)]
    public int UploadMegabytes { get; set; } = 256;

    /// <summary>The most requests per caller and minute; 0 for no limit. A caller is a user or, without a valid token, a network address.</summary>
    [Range(0, int.MaxValue)]
    public int RequestsPerMinute { get; set; } = 1200;

    /// <summary>The address of the web client, for links that people open; null for that of the platform. Setting <c>FRONTEND_BASE_URL</c>.</summary>
    public Uri? FrontendBaseUrl { get; set; }

    /// <summary>The address at which providers reach the platform, without a path; null for none. Setting <c>PLATFORM_BASE_URL</c>.</summary>
    public Uri? PlatformBaseUrl { get; set; }

    /// <summary>The largest body of a delivery of a webhook, in bytes; 1,024 to 20 MiB. Setting <c>WEBHOOK_MAX_BYTES</c>.</summary>
    [Range(1024, 20 * 1024 * 1024)]
    public int MaxWebhookBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>
    /// The most deliveries of webhooks per network address and minute; 0 for no limit. They do not count for <see cref="RequestsPerMinute"/>: providers send those of all users
    /// from a few addresses. Setting <c>WEBHOOK_RATE_LIMIT_PER_MINUTE</c>.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int WebhooksPerMinute { get; set; } = 30_000;

    /// <summary>The dialect of cron expressions on paths of AutoGPT where the request names none (decision 13): <c>apscheduler</c>, <c>autogpt</c> or <c>standard</c>.</summary>
    [AllowedValues("apscheduler", "autogpt", "standard")]
    public string CronDialect { get; set; } = "apscheduler";

    /// <summary>How long a request that stops a run waits for the end of the run (contract: semantics 2.14). Up to five minutes.</summary>
    [DurationRange("00:00:00", "00:05:00")]
    public TimeSpan StopWait { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A run that has logged nothing for longer than this counts as stuck. The host sets it from the time that a block may take.</summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(35);
}
