using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Grainflow.Engine.Monitoring;

/// <summary>How often the blocks of one name were executed and failed.</summary>
/// <param name="Block">The name of the block.</param>
/// <param name="Total">Node executions of any status.</param>
/// <param name="Failed">Of these, those that FAILED.</param>
public sealed record BlockErrorCount(string Block, long Total, long Failed)
{
    /// <summary>The share of failures, from 0 to 1.</summary>
    public double Rate => Total == 0 ? 0 : (double)Failed / Total;
}

/// <summary>Which blocks a check shows.</summary>
/// <param name="Blocks">The blocks, worst first; empty for an all-clear.</param>
/// <param name="AreOverLimit">True when their error rates are over the limit; false when they are only those with most failures.</param>
public sealed record BlockErrorSelection(IReadOnlyList<BlockErrorCount> Blocks, bool AreOverLimit);

/// <summary>Which blocks fail too often, and what is said of them (contract: semantics 9.2).</summary>
public static class BlockErrorRates
{
    /// <summary>How far back a check looks.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(24);

    /// <summary>A block with fewer executions than this in the window is not looked at.</summary>
    public const int LeastExecutions = 10;

    /// <summary>How many groups of errors are shown of a block over the limit.</summary>
    public const int SamplesOverLimit = 3;

    /// <summary>How many failures of a block, the latest ones, are put into groups.</summary>
    public const int MostSampled = 100;

    /// <summary>Adds up the counts of block ids that have the same name.</summary>
    /// <param name="counts">Counts, some of them perhaps with the same name.</param>
    public static IReadOnlyList<BlockErrorCount> ByName(IEnumerable<BlockErrorCount> counts) =>
        [.. counts.GroupBy(count => count.Block, StringComparer.Ordinal).Select(group => new BlockErrorCount(group.Key, group.Sum(count => count.Total), group.Sum(count => count.Failed)))];

    /// <summary>The blocks that the check shows: those whose error rate is at the limit or above; if there are none, those with most failures.</summary>
    /// <param name="counts">One count for each name.</param>
    /// <param name="threshold">The limit, from 0 to 1.</param>
    /// <param name="top">How many of the blocks with most failures are shown when none is over the limit; 0 shows none.</param>
    public static BlockErrorSelection Select(IEnumerable<BlockErrorCount> counts, double threshold, int top)
    {
        var counted = counts.Where(count => count.Total >= LeastExecutions).ToList();
        var over = counted.Where(count => count.Rate >= threshold).OrderByDescending(count => count.Rate).ThenByDescending(count => count.Failed).ThenBy(count => count.Block, StringComparer.Ordinal).ToList();
        if (over.Count > 0) return new BlockErrorSelection(over, AreOverLimit: true);
        var most = counted.Where(count => count.Failed > 0).OrderByDescending(count => count.Failed).ThenByDescending(count => count.Rate).ThenBy(count => count.Block, StringComparer.Ordinal).Take(top);
        return new BlockErrorSelection([.. most], AreOverLimit: false);
    }

    /// <summary>Groups errors by their masked text, the commonest first.</summary>
    /// <param name="errors">Texts of errors.</param>
    /// <param name="most">How many groups at most.</param>
    public static IReadOnlyList<(string Text, int Count)> Group(IEnumerable<string> errors, int most) =>
    [
        .. errors.Select(ErrorMask.Apply).GroupBy(text => text, StringComparer.Ordinal)
            .Select(group => (Text: group.Key, Count: group.Count()))
            .OrderByDescending(group => group.Count).ThenBy(group => group.Text, StringComparer.Ordinal)
            .Take(most),
    ];

    /// <summary>The alert of a check.</summary>
    /// <param name="selection">The blocks of <see cref="Select"/>.</param>
    /// <param name="errors">The latest errors by name of block.</param>
    /// <param name="threshold">The limit, from 0 to 1.</param>
    public static Alert Report(BlockErrorSelection selection, ILookup<string, string> errors, double threshold)
    {
        var title = selection switch
        {
            { Blocks.Count: 0 } => $"All clear: no block with {LeastExecutions} executions or more failed in the last {Hours} hours as often as would be shown.",
            { AreOverLimit: true } => $"{selection.Blocks.Count} {(selection.Blocks.Count == 1 ? "block" : "blocks")} failed in {Percent(threshold)} or more of the executions of the last {Hours} hours.",
            _ => $"No block failed in {Percent(threshold)} or more of the executions of the last {Hours} hours; those with most failures are shown.",
        };
        var message = new StringBuilder(title);
        var blocks = new JsonArray();
        foreach (var block in selection.Blocks)
        {
            // Of the blocks with most failures only the commonest error is shown (contract).
            var samples = Group(errors[block.Block], selection.AreOverLimit ? SamplesOverLimit : 1);
            message.Append(CultureInfo.InvariantCulture, $"\n- {block.Block}: {block.Failed} of {block.Total} failed ({Percent(block.Rate)})");
            foreach (var (text, count) in samples) message.Append(CultureInfo.InvariantCulture, $"\n  - {count} times: {text}");
            blocks.Add(new JsonObject
            {
                ["block_name"] = block.Block,
                ["total"] = block.Total,
                ["failed"] = block.Failed,
                ["error_rate"] = Math.Round(block.Rate, 4),
                ["samples"] = new JsonArray([.. samples.Select(sample => (JsonNode)new JsonObject { ["error"] = sample.Text, ["count"] = sample.Count })]),
            });
        }

        var kind = selection.Blocks.Count == 0 ? "all_clear" : selection.AreOverLimit ? "over_limit" : "most_failures";
        var details = new JsonObject { ["kind"] = kind, ["threshold"] = threshold, ["blocks"] = blocks };
        return new Alert(AlertTypes.BlockErrorRates, AlertChannels.Platform, title, message.ToString(), details, selection.AreOverLimit);
    }

    /// <summary>The alert of a check that has failed itself.</summary>
    /// <param name="error">Why.</param>
    public static Alert Failure(string error)
    {
        const string Title = "The check of the error rates of blocks has failed.";
        return new Alert(AlertTypes.BlockErrorRates, AlertChannels.Platform, Title, $"{Title} {ErrorMask.Apply(error)}", new JsonObject { ["kind"] = "check_failed", ["error"] = ErrorMask.Apply(error) });
    }

    private static string Hours => Window.TotalHours.ToString(CultureInfo.InvariantCulture);

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");
}
