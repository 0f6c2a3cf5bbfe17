using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations;

/// <summary>The errors that the APIs of Google have in common.</summary>
internal static class GoogleErrors
{
    /// <summary>Whether a refusal means too many requests, which Google also answers with 403.</summary>
    /// <param name="status">The status.</param>
    /// <param name="error">The JSON of the answer.</param>
    public static bool LimitRate(int status, JsonElement error) =>
        status == 403 && (error.Member("error") ?? default).Items("errors").Any(item => item.Text("reason") is "rateLimitExceeded" or "userRateLimitExceeded");
}
