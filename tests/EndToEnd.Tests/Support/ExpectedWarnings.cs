using System.Text.RegularExpressions;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>The warnings with which the recorded runs of shipped agents and examples end. All others end without.</summary>
internal static partial class ExpectedWarnings
{
    private static readonly Dictionary<string, string[]> Table = new(StringComparer.Ordinal)
    {
        // The list is used up before all values of its loop have come round.
        ["agent_b6f6f0d3-49f4-4e3b-8155-ffe9141b32c0.json"] =
        [
            "Calculator never ran: nothing arrived on 'b', and 1 execution waited for it.",
            "Store Value never ran: nothing arrived on 'input', and 1 execution waited for it.",
        ],
        // Nobody is invited, so the text of the event waits for a first guest.
        ["invitations.json"] = ["Write one invitation never ran: nothing arrived on 'values_#_guest', and 1 execution waited for it."],
        // The topic waits for the pages that the failed search did not give.
        ["web-brief.json"] = ["Write the brief never ran: nothing arrived on 'prompt_values_#_pages', and 1 execution waited for it."],
    };

    /// <summary>The warnings that are expected of all cases of an agent, without the ids of nodes.</summary>
    public static IReadOnlyList<string> Of(string agentFile) => Table.GetValueOrDefault(Path.GetFileName(agentFile), []);

    /// <summary>The warnings that the command line printed, in the same form.</summary>
    public static IReadOnlyList<string> In(ProcessResult result) => [.. Line().Matches(result.Errors).Select(line => $"{line.Groups["title"].Value} {line.Groups["text"].Value}")];

    [GeneratedRegex(@"warning: Node \S+ \((?<title>[^)]*)\) (?<text>[^\r\n]*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();
}
