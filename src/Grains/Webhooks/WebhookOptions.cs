using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Grains.Webhooks;

/// <summary>Settings of webhooks.</summary>
public sealed class WebhookOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Webhooks";

    /// <summary>The address at which providers reach the platform, without a path; null switches the blocks off that webhooks start. Setting <c>PLATFORM_BASE_URL</c>.</summary>
    public Uri? PlatformBaseUrl { get; set; }

    /// <summary>Where GitHub's API is. Setting <c>GITHUB_API_BASE</c>.</summary>
    public Uri GitHubApiBase { get; set; } = new("https://api.github.com");

    /// <summary>Where the API of Slant3D is. Setting <c>SLANT3D_API_BASE</c>.</summary>
    public Uri Slant3DApiBase { get; set; } = new("https://www.slant3dapi.com/api");

    /// <summary>For how many days deliveries are kept, 3 to 365. GitHub repeats a delivery for three days. Setting <c>WEBHOOK_DELIVERY_DAYS</c>.</summary>
    [Range(3, 365)]
    public int DeliveryDays { get; set; } = 30;

    /// <summary>How many deliveries of each webhook are kept, 10 to 1,000,000. Setting <c>WEBHOOK_DELIVERY_ROWS</c>.</summary>
    [Range(10, 1_000_000)]
    public int DeliveryRows { get; set; } = 1000;

    /// <summary>How long one answer of a provider may take; a tenth of a second to 20 seconds. There is no setting for it.</summary>
    [DurationRange("00:00:00.1", "00:00:20")]
    public TimeSpan AnswerLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a ping is waited for (contract: semantics 4.8); a millisecond to 20 seconds. There is no setting for it.</summary>
    [DurationRange("00:00:00.001", "00:00:20")]
    public TimeSpan PingWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the process that has acknowledged or claimed a delivery has for processing it before another one does; a delivery of a process that has died waits for so
    /// long. A tenth of a second to five minutes. There is no setting for it.
    /// </summary>
    [DurationRange("00:00:00.1", "00:05:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a server looks for deliveries that nobody has processed; a hundredth of a second to a minute. There is no setting for it.</summary>
    [DurationRange("00:00:00.01", "00:01:00")]
    public TimeSpan Pace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait before a delivery is processed again the first time; it doubles, up to five minutes. A millisecond to a minute. There is no setting for it.</summary>
    [DurationRange("00:00:00.001", "00:01:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether a block is disabled, because providers cannot reach the platform.</summary>
    /// <param name="block">The block.</param>
    public bool Disables(BlockDefinition block) => block.Webhook is not null && PlatformBaseUrl is null;

    /// <summary>The address to which a provider sends the deliveries of a webhook; null without <see cref="PlatformBaseUrl"/>.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="webhookId">The webhook.</param>
    public string? IngressUrl(string provider, Guid webhookId) =>
        PlatformBaseUrl is { } address ? $"{address.ToString().TrimEnd('/')}/api/integrations/{provider}/webhooks/{webhookId}/ingress" : null;
}
