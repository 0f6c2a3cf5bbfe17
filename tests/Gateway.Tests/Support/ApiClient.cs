using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grainflow.Gateway.Tests.Support;

/// <summary>Asks a server over HTTP, as one caller.</summary>
internal sealed class ApiClient(ApiServer server, string? token)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    /// <summary>The access token of the caller; null for none.</summary>
    public string? Token => token;

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <summary>Asks for the shape of newer versions, or for another one (decision 34).</summary>
    public Task<Answer> ShapedAsync(HttpMethod method, string path, JsonNode? body = null, string shape = "0.7") =>
        SendAsync(method, path, body?.ToJsonString(), request => request.Headers.Add("AutoGPT-Shape", shape));

    public Task<Answer> PostAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, body?.ToJsonString());

    public Task<Answer> PutAsync(string path, JsonNode body) => SendAsync(HttpMethod.Put, path, body.ToJsonString());

    public Task<Answer> PatchAsync(string path, JsonNode body) => SendAsync(HttpMethod.Patch, path, body.ToJsonString());

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, server.Address + path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        change?.Invoke(request);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, text, headers);
    }

    /// <summary>Creates a graph and answers it.</summary>
    public async Task<JsonElement> CreateAsync(TestGraph graph)
    {
        var answer = await PostAsync("/api/graphs", new JsonObject { ["graph"] = graph.Json() });
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    /// <summary>Starts a run and answers it.</summary>
    public async Task<JsonElement> ExecuteAsync(JsonElement graph, JsonNode? body = null)
    {
        var answer = await PostAsync($"/api/graphs/{graph.Id()}/execute/{graph.GetProperty("version").GetInt32()}", body);
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    /// <summary>Waits until a run has a status, reading it after every commit.</summary>
    public async Task<JsonElement> UntilAsync(JsonElement run, Func<JsonElement, bool> holds)
    {
        while (true)
        {
            var commit = await server.NextCommitAsync(run.GetProperty("user_id").GetString()!);
            var answer = await GetAsync($"/api/graphs/{run.GetProperty("graph_id").GetString()}/executions/{run.Id()}");
            Assert.True(answer.Status == 200, answer.Text);
            if (holds(answer.Json)) return answer.Json;
            await commit.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    public Task<JsonElement> EndAsync(JsonElement run) => UntilAsync(run, state => state.GetProperty("status").GetString() is "COMPLETED" or "FAILED" or "TERMINATED");
}
