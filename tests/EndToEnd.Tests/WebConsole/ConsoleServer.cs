using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grainflow.EndToEnd.Tests.Support;
using Grainflow.TestSupport;
using Microsoft.Playwright;

namespace Grainflow.EndToEnd.Tests.WebConsole;

/// <summary>One server with authentication and one browser for all tests of a class; each test is a user of its own.</summary>
public sealed class ConsoleServer : IAsyncLifetime
{
    private const string Key = "a-secret-of-at-least-thirty-two-bytes-for-tests";

    private Workplace _place = null!;
    private RunningServer _server = null!;
    private int _users;

    /// <summary>The address of the console, with a slash at its end.</summary>
    public string Url => _server.Http.BaseAddress!.ToString();

    internal Browser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Browser = await Browser.StartAsync();
        _place = await Workplace.CreateAsync();
        _place.Environment["ENABLE_AUTH"] = "true";
        _place.Environment["JWT_VERIFY_KEY"] = Key;
        _server = await RunningServer.StartAsync(_place, FreePorts.Pair());
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        if (_place is not null) await _place.DisposeAsync();
        if (Browser is not null) await Browser.DisposeAsync();
    }

    /// <summary>A user that nobody has been before.</summary>
    internal ConsoleUser NewUser(string role = "authenticated") =>
        new(this, UserToken.Of(new { sub = $"user-{Interlocked.Increment(ref _users)}", aud = "authenticated", role, email = "user@example.com" }, Key));

    internal string File(string name, string content) => _place.File($"{Interlocked.Increment(ref _users)}-{name}", content);

    internal async Task<JsonElement> SendAsync(HttpMethod method, string path, string? json, string token)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await _server.Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonElement.Parse(body) : throw new HttpRequestException($"{(int)response.StatusCode} {body}");
    }
}

/// <summary>A user who has signed in.</summary>
internal sealed class ConsoleUser(ConsoleServer server, string token)
{
    public string Token => token;

    /// <summary>Opens a page of the console, in the browser of all tests or in another.</summary>
    public async Task<IPage> OpenAsync(string path = "", Browser? browser = null)
    {
        var page = await (browser ?? server.Browser).NewPageAsync(server.Url);
        await page.Context.AddCookiesAsync([new Cookie { Name = "grainflow_token", Value = token, Url = server.Url, HttpOnly = true, SameSite = SameSiteAttribute.Strict }]);
        await page.GotoAsync(server.Url + path);
        return page;
    }

    public Task<JsonElement> GetAsync(string path) => server.SendAsync(HttpMethod.Get, path, null, token);

    public Task<JsonElement> PostAsync(string path, string json) => server.SendAsync(HttpMethod.Post, path, json, token);
}
