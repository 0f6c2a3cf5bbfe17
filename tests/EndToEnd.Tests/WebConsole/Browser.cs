using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Grainflow.EndToEnd.Tests.WebConsole;

/// <summary>A browser of a test's own, which records what it complains about.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    // What became of its pages, for the output of a test that fails.
    private readonly ConcurrentQueue<string> _seen = new();

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>Errors of scripts, refusals of the content security policy, and answers from 400 on.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Hosts other than the server that a page has asked.</summary>
    public ConcurrentQueue<string> Strangers { get; } = new();

    /// <summary>Starts Debian's Chromium without a window. The test is skipped where it is not installed.</summary>
    public static async Task<Browser> StartAsync()
    {
        var program = Array.Find(Programs, File.Exists);
        Assert.SkipWhen(program is null, "Chromium is not installed: apt-get install chromium");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            // As root, its sandbox does not start; and it must not look for updates.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        // A page does in seconds what it does; on a machine with much else to do it takes longer.
        SetDefaultExpectTimeout(20_000);
        return new Browser(playwright, browser);
    }

    /// <summary>Opens a page in a session of its own.</summary>
    /// <param name="url">The page.</param>
    public async Task<IPage> OpenAsync(string url)
    {
        var page = await NewPageAsync(url);
        await page.GotoAsync(url);
        return page;
    }

    /// <summary>An empty page in a session of its own, which records what it complains about.</summary>
    /// <param name="server">The only address that it may ask.</param>
    public async Task<IPage> NewPageAsync(string server)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 800 }, ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        var host = new Uri(server).Authority;
        page.Console += (_, message) =>
        {
            if (message.Type == "error") Complaints.Enqueue($"{page.Url}: {message.Text}");
        };
        page.PageError += (_, error) => Complaints.Enqueue($"{page.Url}: {error}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400) Complaints.Enqueue($"{response.Status} {response.Url}");
        };
        page.Load += (_, _) => _seen.Enqueue($"loaded {page.Url}");
        page.WebSocket += (_, socket) => socket.Close += (_, _) => _seen.Enqueue($"lost the connection of {page.Url}");
        page.Request += (_, request) =>
        {
            if (Uri.TryCreate(request.Url, UriKind.Absolute, out var asked) && asked.Scheme is "http" or "https" or "ws" or "wss" && asked.Authority != host) Strangers.Enqueue(request.Url);
        };
        return page;
    }

    /// <summary>Closes it, and says to the output of the test what its pages have complained about.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var line in _seen.Concat(Complaints)) TestContext.Current.TestOutputHelper?.WriteLine($"Browser: {line}");
        await _browser.CloseAsync();
        _playwright.Dispose();
    }
}
