using System.Text.Json;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>What a process left behind.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record ProcessResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Standard output as JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Output, new JsonDocumentOptions { MaxDepth = 1024 });

    /// <summary>The last line of standard error.</summary>
    public string LastError => Errors.TrimEnd().Split('\n')[^1];

    /// <summary>It ended with a code and a message of its own: not by a crash, and without a stack trace.</summary>
    public void AssertNoTrace()
    {
        Assert.InRange(ExitCode, 0, 130);
        Assert.DoesNotContain("   at ", Output + Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("nhandled exception", Output + Errors, StringComparison.Ordinal);
    }

    public string Status => Json.GetProperty("status").GetString()!;

    public string OutputsJson => Json.GetProperty("outputs").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal);
}
