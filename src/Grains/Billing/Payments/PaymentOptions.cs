using System.ComponentModel.DataAnnotations;
using Grainflow.Engine.Values;

namespace Grainflow.Grains.Billing.Payments;

/// <summary>Settings of payments. Names and defaults are those of the contract (semantics section 10).</summary>
public sealed class PaymentOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Payments";

    /// <summary>The secret key of the Stripe account; empty switches payments off. Setting <c>STRIPE_API_KEY</c>.</summary>
    public string StripeApiKey { get; set; } = "";

    /// <summary>Where Stripe's API is. Setting <c>STRIPE_API_BASE</c>.</summary>
    public Uri StripeApiBase { get; set; } = new("https://api.stripe.com");

    /// <summary>The secrets that Stripe signs its events with, with commas between while one replaces another; empty refuses all events. Setting <c>STRIPE_WEBHOOK_SECRET</c>.</summary>
    public string StripeWebhookSecret { get; set; } = "";

    /// <summary>The address of the pages that users see, without a path; null for <see cref="PlatformBaseUrl"/>. Setting <c>FRONTEND_BASE_URL</c>.</summary>
    public Uri? FrontendBaseUrl { get; set; }

    /// <summary>The address of the platform, without a path; null for none. Setting <c>PLATFORM_BASE_URL</c>.</summary>
    public Uri? PlatformBaseUrl { get; set; }

    /// <summary>
    /// How many credits of a refund may be missing from the balance before an administrator decides, and how many a dispute has to leave for it to be accepted;
    /// 0 or more. Setting <c>REFUND_CREDIT_TOLERANCE_THRESHOLD</c>.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int RefundTolerance { get; set; } = 500;

    /// <summary>How long one answer of Stripe may take; a tenth of a second to a minute. There is no setting for it.</summary>
    [DurationRange("00:00:00.1", "00:01:00")]
    public TimeSpan AnswerLimit { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long to wait before a call is repeated the first time; it doubles. A millisecond to five seconds. There is no setting for it.</summary>
    [DurationRange("00:00:00.001", "00:00:05")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The page on which users see their credits, without a slash at its end; null when no base address is set.</summary>
    public string? CreditsPage => (FrontendBaseUrl ?? PlatformBaseUrl) is { } address ? address.ToString().TrimEnd('/') + "/profile/credits" : null;
}
