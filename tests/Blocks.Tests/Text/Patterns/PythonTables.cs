using System.Text.Json;
using Grainflow.Blocks.Text.Patterns;

namespace Grainflow.Blocks.Tests.Text.Patterns;

/// <summary>A pattern, a text and what Python makes of them.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Text">The text.</param>
/// <param name="Flags"><c>i</c> for re.IGNORECASE, <c>s</c> for re.DOTALL.</param>
/// <param name="Matches">For each match the texts of all groups, the whole match first; null when the pattern is refused.</param>
/// <param name="Refused">The message of the refusal.</param>
internal sealed record PatternRow(string Pattern, string Text, string Flags, IReadOnlyList<IReadOnlyList<string?>>? Matches, string? Refused)
{
    public bool IgnoresCase => Flags.Contains('i', StringComparison.Ordinal);

    public bool DotMatchesAll => Flags.Contains('s', StringComparison.Ordinal);

    public PatternFlags Options => (IgnoresCase ? PatternFlags.IgnoreCase : PatternFlags.None) | (DotMatchesAll ? PatternFlags.DotAll : PatternFlags.None);
}

/// <summary>Which characters Python takes for what: ranges, both ends included, and sets of letters that ignoring case makes one.</summary>
internal sealed record CharacterRanges(int[][] Word, int[][] Digit, int[][] Space, int[][] Unassigned, int[][] SameLetters);

/// <summary>The files that <c>patterns.py</c> writes.</summary>
internal static class PythonTables
{
    private static readonly JsonSerializerOptions Names = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<PatternRow> Patterns { get; } = [.. File.ReadLines(PathOf("patterns.jsonl")).Select(line => JsonSerializer.Deserialize<PatternRow>(line, Names)!)];

    public static CharacterRanges Characters() => JsonSerializer.Deserialize<CharacterRanges>(File.ReadAllText(PathOf("characters.json")), Names)!;

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Text", "Patterns", name);
}
