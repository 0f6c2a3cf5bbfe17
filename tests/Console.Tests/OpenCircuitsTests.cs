using Grainflow.WebConsole.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Grainflow.WebConsole.Tests;

public sealed class OpenCircuitsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/_blazor/negotiate", "?negotiateVersion=1", 503)]
    // A client may open a WebSocket without negotiation; it has no id then.
    [InlineData("/_blazor", "", 503)]
    [InlineData("/_blazor", "?id=4", 200)]
    [InlineData("/_blazor/initializers/", "", 200)]
    [InlineData("/api/graphs", "", 200)]
    [InlineData("/", "", 200)]
    public async Task Beyond_the_limit_no_circuit_is_opened_and_all_else_is_answered(string path, string query, int status)
    {
        var circuits = new OpenCircuits(Options.Create(new ConsoleOptions { MaxCircuits = 2 }));
        await circuits.OnCircuitOpenedAsync(null!, Token);
        Assert.Equal(200, await AnswerAsync(circuits, path, query));
        await circuits.OnCircuitOpenedAsync(null!, Token);
        Assert.Equal(status, await AnswerAsync(circuits, path, query));
        await circuits.OnCircuitClosedAsync(null!, Token);
        Assert.Equal(200, await AnswerAsync(circuits, path, query));
    }

    private static async Task<int> AnswerAsync(OpenCircuits circuits, string path, string query)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = path;
        context.Request.QueryString = new QueryString(query);
        await circuits.RefuseTooManyAsync(context, _ => Task.CompletedTask);
        return context.Response.StatusCode;
    }
}
