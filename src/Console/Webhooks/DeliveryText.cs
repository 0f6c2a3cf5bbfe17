using MudBlazor;

namespace Grainflow.WebConsole.Webhooks;

/// <summary>What became of a delivery, for people.</summary>
internal static class DeliveryText
{
    /// <summary>The colour of what a delivery did to a preset, beside its word.</summary>
    /// <param name="status">The status of a trigger.</param>
    public static Color ColorOf(string status) => status switch
    {
        "started" => Color.Success,
        "failed" => Color.Error,
        "skipped" => Color.Warning,
        _ => Color.Default,
    };

    /// <summary>Why a delivery has done nothing to a preset.</summary>
    /// <param name="isProcessed">Whether it has been processed.</param>
    /// <param name="error">Why it is not processed yet, or null.</param>
    /// <param name="attempts">How often it was taken up again.</param>
    public static string WithoutTrigger(bool isProcessed, string? error, int attempts) => (isProcessed, error) switch
    {
        (true, _) => "nothing: this trigger was not attached then, or did not want the event",
        (false, not null) => $"is tried again (attempt {attempts + 1:N0}): {error}",
        _ => "is processed now",
    };
}
