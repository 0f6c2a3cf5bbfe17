using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Scheduler;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Grains.Interfaces.Monitoring;
using Grainflow.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Tests.Scheduler;

/// <summary>The scheduler's internal RPC over HTTP (contract: schedules-others, "RPC, port 8003").</summary>
public sealed class SchedulerRpcTests(SchedulerRpcTests.Server server) : IClassFixture<SchedulerRpcTests.Server>
{
    [Theory]
    [InlineData("/execute_process_weekly_summary", "\"No summaries were queued: notifications are not built yet.\"")]
    [InlineData("/execute_report_late_executions", "\"No late executions detected.\"")]
    [InlineData("/execute_cleanup_expired_files", "0")]
    [InlineData("/execute_cleanup_oauth_tokens", "0")]
    [InlineData("/execute_report_execution_accuracy_alerts", "\"No marketplace graphs: nothing was checked.\"")]
    public async Task A_task_is_run_and_answers_its_result(string path, string result) => Assert.Equal((200, result), await PostAsync(path, "{}"));

    [Fact]
    public async Task Each_method_of_the_contract_is_served_and_no_other()
    {
        var methods = server.Services.GetServices<IRpcMethods>().SelectMany(part => part.Methods).Select(method => method.Path);
        string[] schedules = ["/add_graph_execution_schedule", "/delete_graph_execution_schedule", "/get_graph_execution_schedules"];
        Assert.Equal([.. SystemTaskNames.All.Select(name => "/execute_" + name).Concat(["/health_check", "/health_check_async", .. schedules]).Order(StringComparer.Ordinal)], methods.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_error_rates_of_blocks_are_checked_and_the_result_is_the_alert()
    {
        var (status, text) = await PostAsync("/execute_report_block_error_rates", body: null);
        Assert.Equal(200, status);
        Assert.StartsWith("\"All clear", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_embeddings_answer_in_the_form_of_the_contract()
    {
        var (_, text) = await PostAsync("/execute_ensure_embeddings_coverage", "{}");
        var answer = JsonElement.Parse(text);
        Assert.Equal((0, 0), (answer.GetProperty("backfill").GetProperty("processed").GetInt32(), answer.GetProperty("cleanup").GetProperty("deleted").GetInt32()));
    }

    [Theory]
    [InlineData("""{"kwargs":{"notification_types":["AGENT_RUN"],"cron":"0 * * * *"}}""", 200, "No batches were sent")]
    [InlineData("{}", 400, "kwargs must be an object")]
    [InlineData("""{"kwargs":[]}""", 400, "kwargs must be an object")]
    [InlineData("""{"kwargs":{"cron":""}}""", 400, "kwargs.notification_types must be a list of texts")]
    [InlineData("""{"kwargs":{"notification_types":[1],"cron":""}}""", 400, "kwargs.notification_types must be a list of texts")]
    [InlineData("""{"kwargs":{"notification_types":[]}}""", 400, "kwargs.cron must be a text")]
    public async Task Existing_batches_take_their_arguments_in_kwargs(string body, int status, string text)
    {
        var answer = await PostAsync("/execute_process_existing_batches", body);
        Assert.Equal(status, answer.Status);
        Assert.Contains(text, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/execute_make_coffee", "{}", 404, "NotFoundError", "There is no such method.")]
    [InlineData("/api/graphs", "{}", 404, "NotFoundError", "There is no such method.")]
    [InlineData("/execute_report_late_executions", "[]", 400, "ValueError", "The arguments must be a JSON object.")]
    [InlineData("/execute_report_late_executions", "{", 400, "ValueError", "The arguments are no JSON (line 1, byte 2).")]
    public async Task Errors_have_a_type_and_arguments(string path, string body, int status, string type, string message) =>
        Assert.Equal((status, JsonSerializer.Serialize(new { type, args = new[] { message } })), await PostAsync(path, body));

    [Fact]
    public async Task A_task_is_run_by_post_only_and_arguments_are_json()
    {
        using var get = await Server.Http.GetAsync(server.Url("/execute_report_late_executions"), TestContext.Current.CancellationToken);
        Assert.Equal(405, (int)get.StatusCode);
        var form = await PostAsync("/execute_report_late_executions", "a=b", request => request.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain"));
        Assert.Equal(400, form.Status);
    }

    [Theory]
    [InlineData("Origin", "http://localhost:3000")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task A_page_in_a_browser_of_the_machine_is_refused(string header, string value) =>
        Assert.Equal(403, (await PostAsync("/execute_report_late_executions", "{}", request => request.Headers.Add(header, value))).Status);

    [Theory]
    [InlineData("/health_check")]
    [InlineData("/health_check_async")]
    public async Task Health_is_OK_by_get_and_by_post_once_the_server_has_started(string path)
    {
        await using var starting = new Server();
        await starting.InitializeAsync();
        Assert.Equal((500, """{"type":"UnhealthyServiceError","args":["The scheduler is starting."]}"""), await starting.PostAsync(path, "{}"));
        starting.Services.GetRequiredService<Startup>().Complete();
        Assert.Equal((200, "\"OK\""), await starting.PostAsync(path, "{}"));
        Assert.Equal("\"OK\"", await Server.Http.GetStringAsync(starting.Url(path), TestContext.Current.CancellationToken));
        starting.Services.GetRequiredService<Readiness>().Leave();
        Assert.Equal((500, """{"type":"UnhealthyServiceError","args":["The scheduler is stopping."]}"""), await starting.PostAsync(path, "{}"));
    }

    [Fact]
    public async Task The_port_of_the_server_does_not_serve_the_RPC()
    {
        Assert.Equal(404, (await server.Anybody().PostAsync("/execute_report_late_executions")).Status);
        Assert.Equal(404, (await server.Anybody().PostAsync("/health_check")).Status);
    }

    [Fact]
    public async Task A_process_without_a_gateway_serves_the_RPC_as_well()
    {
        await using var silo = new SiloOnly();
        await silo.InitializeAsync();
        Assert.Equal((200, "[]"), await silo.PostAsync("/get_graph_execution_schedules", "{}"));
        Assert.Equal(404, (await silo.Anybody().GetAsync("/api/graphs")).Status);
    }

    [Fact]
    public async Task The_RPC_is_off_unless_it_is_switched_on()
    {
        await using var plain = new ApiServer();
        await plain.InitializeAsync();
        Assert.Empty(plain.Services.GetServices<IRpcMethods>());
    }

    private Task<(int Status, string Text)> PostAsync(string path, string? body, Action<HttpRequestMessage>? change = null) => server.PostAsync(path, body, change);

    /// <summary>A process of a cluster that has no gateway.</summary>
    private sealed class SiloOnly : Server
    {
        private protected override void Change(Dictionary<string, string> variables)
        {
            base.Change(variables);
            (variables["CLUSTER"], variables["ROLE"]) = ("rpc", "silo");
        }
    }

    /// <summary>A server whose RPC is on.</summary>
    public class Server : ApiServer
    {
        internal static readonly HttpClient Http = new();

        private readonly int _port = FreePorts.Pair();

        internal Uri Url(string path) => new($"http://127.0.0.1:{_port}{path}");

        /// <summary>Calls a method.</summary>
        internal async Task<(int Status, string Text)> PostAsync(string path, string? body, Action<HttpRequestMessage>? change = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Url(path));
            if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            change?.Invoke(request);
            using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
            if (response.Content.Headers.ContentType is { } type) Assert.Equal("application/json", type.MediaType);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        private protected override void Change(Dictionary<string, string> variables)
        {
            variables["ENABLE_SCHEDULER_RPC"] = "true";
            variables["EXECUTION_SCHEDULER_PORT"] = _port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
