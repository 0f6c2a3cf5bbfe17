using System.Text.RegularExpressions;

namespace Grainflow.WebConsole.Schedules;

/// <summary>What the server says about a schedule, by the field that it names. It writes <c>cron: why; timezone: why</c>.</summary>
public sealed partial class FieldProblems
{
    private readonly Dictionary<string, string> _byField = new(StringComparer.Ordinal);

    /// <summary>No problem.</summary>
    public static FieldProblems None { get; } = new();

    /// <summary>What is said about no field; null for nothing.</summary>
    public string? Other { get; private set; }

    /// <summary>Reads the text of a refusal.</summary>
    /// <param name="text">The text.</param>
    public static FieldProblems Read(string text)
    {
        var problems = new FieldProblems();
        var matches = Field().Matches(text);
        var other = matches.Count == 0 ? text : text[..matches[0].Index];
        for (var index = 0; index < matches.Count; index++)
        {
            var match = matches[index];
            var end = index + 1 < matches.Count ? matches[index + 1].Index : text.Length;
            var reason = text[(match.Index + match.Length)..end].Trim();
            var name = match.Groups["name"].Value;
            problems._byField[name] = problems._byField.TryGetValue(name, out var before) ? $"{before} {reason}" : reason;
        }

        problems.Other = other.Trim() is { Length: > 0 } left ? left : null;
        return problems;
    }

    /// <summary>What is said about a field; null for nothing.</summary>
    /// <param name="field">The member of the request.</param>
    public string? Of(string field) => _byField.GetValueOrDefault(field);

    [GeneratedRegex(@"(?:^|; )(?<name>name|description|cron|cron_dialect|dialect|timezone|run_at|inputs|credentials|graph_version|policy\.[a-z_.]+): ", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Field();
}
