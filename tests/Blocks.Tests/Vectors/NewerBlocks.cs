using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Vectors;

/// <summary>The blocks that are newer than the contract's reference, so that its tables do not have them (contract: upstream, section 4), and their vectors.</summary>
internal static class NewerBlocks
{
    /// <summary>The ids of the blocks.</summary>
    public static IReadOnlySet<string> Ids { get; } = Vectors().Select(vector => vector.GetProperty("block_id").GetString()!).ToHashSet(StringComparer.Ordinal);

    public static IEnumerable<JsonElement> Vectors()
    {
        using var lines = new StreamReader(typeof(NewerBlocks).Assembly.GetManifestResourceStream("newer-blocks.jsonl")!);
        while (lines.ReadLine() is { Length: > 0 } line) yield return JsonValues.Parse(line);
    }
}
