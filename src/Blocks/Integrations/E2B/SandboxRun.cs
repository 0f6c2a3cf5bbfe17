using Grainflow.Blocks.Contract;

namespace Grainflow.Blocks.Integrations.E2B;

/// <summary>What all blocks with a sandbox do.</summary>
internal static class SandboxRun
{
    /// <summary>The type of the pin <c>language</c>.</summary>
    public const string Languages = "enum(python|js|bash|r|java)";

    private const string Forms = """
        "text":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Text"},"html":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Html"},"markdown":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Markdown"},
        "svg":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Svg"},"png":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Png"},"jpeg":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Jpeg"},
        "pdf":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Pdf"},"latex":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Latex"},"json":{"anyOf":[{},{"type":"null"}],"default":null},
        "javascript":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Javascript"},"data":{"anyOf":[{"additionalProperties":true,"type":"object"},{"type":"null"}],"default":null,"title":"Data"},
        "chart":{"anyOf":[{"properties":{},"title":"Chart","type":"object"},{"type":"null"}],"default":null},"extra":{"anyOf":[{"additionalProperties":true,"type":"object"},{"type":"null"}],"default":null,"title":"Extra"}
        """;

    /// <summary>The schema of a main result.</summary>
    public const string MainResultSchema = "{\"properties\":{" + Forms + "},\"type\":\"object\"}";

    /// <summary>The schema of the list of results.</summary>
    public const string ResultsSchema =
        "{\"items\":{\"properties\":{" + Forms + ",\"is_main_result\":{\"default\":false,\"title\":\"Is Main Result\",\"type\":\"boolean\"}},"
        + "\"title\":\"CodeExecutionResult\",\"type\":\"object\"},\"type\":\"array\"}";

    /// <summary>Opens a sandbox, sets it up, runs code in it, and ends it when it is not wanted any more.</summary>
    /// <param name="context">The node execution.</param>
    /// <param name="open">Opens the sandbox.</param>
    /// <param name="setup">The commands that are run before.</param>
    /// <param name="code">The code.</param>
    /// <param name="language">Its language.</param>
    /// <param name="disposes">Whether the sandbox is ended, also after a failure.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">A request, a command or the code failed.</exception>
    public static async Task<(Sandbox Sandbox, CodeRun Run)> ExecuteAsync(
        BlockContext context, Func<SandboxClient, Task<Sandbox>> open, IReadOnlyList<string> setup, string code, string language, bool disposes, CancellationToken cancellationToken)
    {
        var client = new SandboxClient(context);
        var sandbox = await open(client);
        var isDone = false;
        try
        {
            foreach (var command in setup) await client.CommandAsync(sandbox, command, cancellationToken);
            var run = await client.RunAsync(sandbox, code, language, cancellationToken);
            if (run.Error is { } error) throw new BlockException(error);
            isDone = true;
            return (sandbox, run);
        }
        finally
        {
            if (disposes) await CloseAsync(client, sandbox, isDone);
        }
    }

    // A run that is stopped ends its sandbox, too.
    private static async Task CloseAsync(SandboxClient client, Sandbox sandbox, bool isDone)
    {
        try
        {
            await client.CloseAsync(sandbox, CancellationToken.None);
        }
        catch (BlockException) when (!isDone)
        {
            // What happened before is the failure to tell; the sandbox ends by its time.
        }
    }
}
