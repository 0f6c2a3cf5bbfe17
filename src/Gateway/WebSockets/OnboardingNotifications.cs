using System.Text.Json;
using Grainflow.Gateway.Json;

namespace Grainflow.Gateway.WebSockets;

/// <summary>The payload of a notification of onboarding (contract: websocket, "Notification payload").</summary>
internal static class OnboardingNotifications
{
    /// <summary>The payload.</summary>
    /// <param name="step">The step that is completed; null when runs were counted and none is.</param>
    public static ReadOnlyMemory<byte> Of(string? step) =>
        JsonSerializer.SerializeToUtf8Bytes(new { Type = "onboarding", Event = step is null ? "increment_runs" : "step_completed", Step = step }, GatewayJson.Options);
}
