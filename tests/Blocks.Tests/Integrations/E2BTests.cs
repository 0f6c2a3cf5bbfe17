using System.Buffers.Binary;
using System.Text;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Integrations;

public sealed class E2BTests
{
    private const string Opened = """{"sandboxID": "sbx1", "envdAccessToken": "sandbox-token"}""";

    private const string Done = """{"status": 204}""";

    [Fact]
    public async Task Code_runs_in_a_sandbox_that_is_ended_afterwards()
    {
        var run = VendorRun.Of(
            Opened,
            Lines("""{"type": "stdout", "text": "a\n"}""", """{"type": "result", "text": "3", "png": "AAAA", "html": null, "is_main_result": true}""", """{"type": "result", "text": "x", "is_main_result": false}""", """{"type": "stderr", "text": "w"}""", """{"type": "number_of_executions", "execution_count": 1}"""),
            Done);

        Assert.Equal(
            [
                """results=[{"text":"3","png":"AAAA","is_main_result":true},{"text":"x","is_main_result":false}]""", """main_result={"text":"3","png":"AAAA"}""",
                "response=\"3\"", "stdout_logs=\"a\\n\"", "stderr_logs=\"w\"",
            ],
            await run.RunAsync("ExecuteCodeBlock", """{"code": "1+2", "timeout": 60}"""));
        Assert.Equal(
            [
                """POST https://api.e2b.app/sandboxes {"templateID":"code-interpreter-v1","timeout":60,"secure":true}""",
                """POST https://49999-sbx1.e2b.app/execute {"code":"1+2","language":"python"}""",
                "DELETE https://api.e2b.app/sandboxes/sbx1",
            ],
            run.Sent());
        Assert.Equal("sandbox-token", run.Http.Requests[1].Headers["X-Access-Token"]);
        Assert.DoesNotContain("X-API-Key", run.Http.Requests[1].Headers.Keys);
    }

    [Fact]
    public async Task A_sandbox_is_ended_when_the_code_fails_and_kept_when_that_is_wanted()
    {
        var error = Lines("""{"type": "error", "name": "ValueError", "value": "no", "traceback": "..."}""");
        var run = VendorRun.Of(Opened, error, """{"status": 500}""");
        Assert.Equal(["!Execution: ValueError: no"], await run.RunAsync("ExecuteCodeBlock", """{"code": "x"}"""));
        Assert.Equal("DELETE https://api.e2b.app/sandboxes/sbx1", run.Sent()[^1]);

        run = VendorRun.Of(Opened, error);
        Assert.Equal(["!Execution: ValueError: no"], await run.RunAsync("ExecuteCodeBlock", """{"code": "x", "dispose_sandbox": false}"""));
        Assert.Equal(2, run.Http.Requests.Count);
    }

    [Fact]
    public async Task Commands_set_a_sandbox_up_and_the_first_that_fails_ends_it()
    {
        var run = VendorRun.Of(
            Opened,
            Stream((0, """{"event": {"start": {"pid": 1}}}"""), (0, """{"event": {"end": {"exited": true, "status": "exit status 0"}}}"""), (2, "{}")),
            Stream((0, $$$$"""{"event": {"data": {"stderr": "{{{{Convert.ToBase64String("no such package"u8)}}}}"}}}"""), (0, """{"event": {"end": {"exitCode": 1, "exited": true}}}"""), (2, "{}")),
            Done);

        Assert.Equal(
            ["!Execution: The setup command 'pip install b' ended with exit code 1: no such package"],
            await run.RunAsync("ExecuteCodeBlock", """{"code": "x", "setup_commands": ["pip install a", "pip install b"]}"""));
        var command = run.Http.Requests[1];
        Assert.Equal(("https://49983-sbx1.e2b.app/process.Process/Start", "application/connect+json", "Basic dXNlcjo="), (command.Url, command.ContentType, command.Headers["Authorization"]));
        Assert.EndsWith("""{"process":{"cmd":"/bin/bash","args":["-l","-c","pip install a"]}}""", command.Body, StringComparison.Ordinal);
        Assert.Equal("DELETE https://api.e2b.app/sandboxes/sbx1", run.Sent()[^1]);
    }

    [Theory]
    [InlineData("""{"error": {"code": "permission_denied", "message": "no shell"}}""", "E2B could not run the command: no shell")]
    [InlineData("{}", "The answer of E2B cannot be read: it has no end of the command")]
    public async Task A_command_that_cannot_be_run_fails_the_block(string end, string message) =>
        Assert.Equal([$"!Execution: {message}"], await VendorRun.Of(Opened, Stream((2, end)), Done).RunAsync("ExecuteCodeBlock", """{"setup_commands": ["x"]}"""));

    [Fact]
    public async Task An_open_sandbox_serves_later_steps()
    {
        var run = VendorRun.Of(Opened, Lines(), Opened, Lines("""{"type": "stdout", "text": "b"}"""), Done);

        Assert.Equal(["sandbox_id=\"sbx1\""], await run.RunAsync("InstantiateCodeSandboxBlock", """{"template_id": "mine", "language": "js"}"""));
        Assert.Equal(["results=[]", "stdout_logs=\"b\""], await run.RunAsync("ExecuteCodeStepBlock", """{"sandbox_id": "sbx1", "step_code": "x", "dispose_sandbox": true}"""));
        Assert.Equal("""POST https://api.e2b.app/sandboxes/sbx1/connect {"timeout":300}""", run.Sent()[2]);
        Assert.Contains("\"templateID\":\"mine\"", run.Sent()[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"sandboxID": "a/../b"}""", "The answer of E2B cannot be read: the sandbox has no host")]
    [InlineData("""{"sandboxID": "a", "domain": "evil.test/x"}""", "The answer of E2B cannot be read: the sandbox has no host")]
    public async Task A_sandbox_without_a_host_is_not_asked(string opened, string message) =>
        Assert.Equal([$"!Execution: {message}"], await VendorRun.Of(opened).RunAsync("ExecuteCodeBlock", "{}"));

    [Fact]
    public async Task A_sandbox_lives_a_day_at_most() =>
        Assert.Equal(["!Execution: 'timeout' must be 1 to 86400 seconds"], await VendorRun.Of().RunAsync("ExecuteCodeBlock", """{"timeout": 100000}"""));

    private static string Lines(params string[] messages) =>
        JsonValues.Compact(JsonValues.Object(KeyValuePair.Create("status", JsonValues.From(200)), KeyValuePair.Create("body", JsonValues.From(string.Join('\n', messages) + "\n"))));

    private static string Stream(params (byte Flags, string Json)[] messages)
    {
        var bytes = new List<byte>();
        foreach (var (flags, json) in messages)
        {
            var head = new byte[5];
            head[0] = flags;
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), Encoding.UTF8.GetByteCount(json));
            bytes.AddRange([.. head, .. Encoding.UTF8.GetBytes(json)]);
        }

        return $$"""{"status": 200, "body_base64": "{{Convert.ToBase64String([.. bytes])}}"}""";
    }
}
