using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Telemetry;

/// <summary>The metrics of the process as text. A host that has none leaves it out, and there is no <c>/metrics</c>.</summary>
public interface IMetricsPage
{
    /// <summary>Answers a request with the metrics, in the format 0.0.4 of Prometheus, or in OpenMetrics for a scraper that asks for it.</summary>
    /// <param name="context">The request.</param>
    Task AnswerAsync(HttpContext context);
}
