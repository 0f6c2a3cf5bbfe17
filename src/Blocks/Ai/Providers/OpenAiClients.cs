using System.ClientModel.Primitives;
using System.Text;
using OpenAI;

namespace Grainflow.Blocks.Ai.Providers;

/// <summary>What the calls by the OpenAI library share.</summary>
internal static class OpenAiClients
{
    /// <summary>The options of a client: every call is sent once, by our HTTP client and in our time.</summary>
    /// <param name="address">The base address.</param>
    /// <param name="http">Sends the calls.</param>
    public static OpenAIClientOptions Options(Uri address, HttpClient http) => new()
    {
        Endpoint = address,
        Transport = new HttpClientPipelineTransport(http),
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        NetworkTimeout = Timeout.InfiniteTimeSpan,
        EnableDistributedTracing = false,
    };

    /// <summary>The options of a call, whose answer is not read before it is asked for.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="options">Settings.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static RequestOptions Request(ChatProvider provider, ChatModelOptions options, CancellationToken cancellationToken)
    {
        var request = new RequestOptions { CancellationToken = cancellationToken, BufferResponse = false };
        foreach (var header in provider.Headers) request.SetHeader(header, header == "HTTP-Referer" ? options.ApplicationUrl.AbsoluteUri : options.ApplicationName);
        return request;
    }

    /// <summary>Reads a body to its end.</summary>
    /// <param name="stream">The body.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<string> ReadTextAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
