using System.ComponentModel.DataAnnotations;

namespace Grainflow.Gateway;

/// <summary>Settings of the edge. Names and defaults follow the contract (semantics section 10, DECISIONS 3).</summary>
public sealed class GatewayOptions
{
    /// <summary>The user of a machine without accounts (contract: semantics 0).</summary>
    public const string DefaultUserId = "3e53486c-cf57-477e-ba2a-cb02dc828e1a";

    /// <summary>That user's mail address.</summary>
    public const string DefaultUserEmail = "default@example.com";

    /// <summary>False makes every caller the default user with role admin, and refuses requests from foreign pages (decision 3).</summary>
    public bool EnableAuth { get; set; } = true;

    /// <summary>The key that tokens are checked with; must be there when <see cref="EnableAuth"/> is on.</summary>
    public string JwtVerifyKey { get; set; } = "";

    /// <summary><c>HS256</c>, <c>HS384</c> or <c>HS512</c>.</summary>
    public string JwtSignAlgorithm { get; set; } = "HS256";

    /// <summary>Origins of web pages that may call; an entry that begins with <c>regex:</c> is a pattern.</summary>
    public IReadOnlyList<string> CorsAllowOrigins { get; set; } = ["http://localhost:3000"];

    /// <summary>The largest request body, in bytes. The default takes the largest graph that is accepted.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxRequestBytes { get; set; } = 21 * 1024 * 1024;

    /// <summary>Requests per caller and minute; 0 sets no limit. A caller is a user, or an address without a valid token.</summary>
    [Range(0, int.MaxValue)]
    public int RequestsPerMinute { get; set; } = 1200;

    /// <summary>How long the stop of a run waits for its end (contract: semantics 2.14).</summary>
    public TimeSpan StopWait { get; set; } = TimeSpan.FromSeconds(15);
}
