using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Engine.Values;
using Microsoft.Extensions.Options;

namespace Grainflow.Grains.Webhooks.Providers;

/// <summary>
/// Sends requests to the APIs of providers, whose addresses are settings of the operator. Redirects are not followed, because they would carry the credential elsewhere.
/// </summary>
internal sealed class ProviderHttp : IDisposable
{
    private readonly HttpClient _http;

    public ProviderHttp(IOptions<WebhookOptions> options) => _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = options.Value.AnswerLimit,
        MaxResponseContentBufferSize = 4 * 1024 * 1024,
    };

    /// <summary>Sends a request and reads the answer.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="address">The address.</param>
    /// <param name="headers">The headers, the credential among them.</param>
    /// <param name="body">The JSON body, or null.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="WebhookSetupException">The provider cannot be reached, does not answer in time, or fails with 429 or 5xx.</exception>
    public async Task<ProviderReply> SendAsync(HttpMethod method, Uri address, IEnumerable<(string Name, string Value)> headers, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null) request.Content = JsonContent.Create(body);
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var status = (int)response.StatusCode;
            if (status is 429 or >= 500) throw new WebhookSetupException($"{address.Host} answered {status}; try again later.", isPassing: true);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return new ProviderReply(status, JsonValues.TryParse(text, out var json) ? json : JsonValues.Null);
        }
        catch (HttpRequestException exception)
        {
            throw new WebhookSetupException($"{address.Host} cannot be reached; try again later.", isPassing: true, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebhookSetupException($"{address.Host} does not answer; try again later.", isPassing: true, exception);
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>The answer of a provider.</summary>
/// <param name="Status">The HTTP status, below 500.</param>
/// <param name="Json">The body; null when it is no JSON.</param>
internal sealed record ProviderReply(int Status, JsonElement Json);
