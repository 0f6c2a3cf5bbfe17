using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Text;

[Block("3146e4fe-2cdd-4f29-bd12-0c9d5bb4deb0", "Pulls regex matches out of text.", "TEXT")]
internal sealed class ExtractTextInformationBlock : PureBlock<ExtractTextInformationBlock.Input, ExtractTextInformationBlock.Output>
{
    private const int MaxTextLength = 1_000_000;
    private const int MaxMatches = 1_000;
    private const int MaxMatchLength = 10_000;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        var found = Find(input);
        foreach (var match in found) yield return Emit(nameof(Output.Positive), match);
        if (found.Count == 0) yield return Emit(nameof(Output.Negative), input.Text);
        yield return Emit(nameof(Output.MatchedResults), JsonValues.Array(found.Select(JsonValues.From)));
        yield return Emit(nameof(Output.MatchedCount), found.Count);
    }

    // A bad pattern, a group that did not take part and the time limit all count as no match.
    private static List<string> Find(Input input)
    {
        var text = input.Text.ValueKind == JsonValueKind.String ? input.Text.GetString()! : JsonValues.Compact(input.Text);
        if (text.Length > MaxTextLength) text = text[..MaxTextLength];
        var options = RegexOptions.CultureInvariant;
        if (!input.CaseSensitive) options |= RegexOptions.IgnoreCase;
        if (input.DotAll) options |= RegexOptions.Singleline;
        try
        {
            return Find(PythonPattern.Translate(input.Pattern), options, text, input) ?? [];
        }
        catch (Exception e) when (e is FormatException or ArgumentException or RegexMatchTimeoutException)
        {
            return [];
        }
    }

    private static List<string>? Find(string pattern, RegexOptions options, string text, Input input)
    {
        if (input.Group < 0) return null;
        var regex = new Regex(pattern, options, TimeLimit);
        Regex? something = null;
        var found = new List<string>();
        var started = Stopwatch.GetTimestamp();
        for (var match = regex.Match(text); match.Success && found.Count < MaxMatches; match = Next(match))
        {
            if (Stopwatch.GetElapsedTime(started) > TimeLimit) return null;
            if (input.Group >= match.Groups.Count) continue;
            var group = match.Groups[(int)input.Group];
            if (!group.Success) return null;
            found.Add(group.Length > MaxMatchLength ? group.Value[..MaxMatchLength] : group.Value);
            if (!input.FindAll) break;
        }

        return found;

        // Where Python has matched nothing it looks for something at the same place before it goes on; .NET goes on at once.
        Match Next(Match match)
        {
            if (match.Length > 0) return regex.Match(text, match.Index + match.Length);
            something ??= new Regex($@"\G(?:{pattern})(?!\G)", options, TimeLimit);
            var other = something.Match(text, match.Index);
            if (other.Success) return other;
            return match.Index < text.Length ? regex.Match(text, match.Index + 1) : Match.Empty;
        }
    }

    internal sealed record Input
    {
        public required JsonElement Text { get; init; }

        public required string Pattern { get; init; }

        public long Group { get; init; }

        public bool CaseSensitive { get; init; } = true;

        public bool DotAll { get; init; } = true;

        public bool FindAll { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        public required string Positive { get; init; }

        public required string Negative { get; init; }

        public required IReadOnlyList<string> MatchedResults { get; init; }

        public required long MatchedCount { get; init; }
    }
}
