using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Fakes;

/// <summary>Runs blocks by name and shows what came as short texts.</summary>
internal static class BlockResults
{
    private static readonly BlockCatalogue Catalogue = new();

    public static IBlock Block(string name) => Catalogue.Blocks.Single(b => b.Definition.Name == name);

    /// <summary>Outputs as <c>pin=value</c> in the compact JSON form; a failure ends the list as <c>!kind: reason</c>.</summary>
    public static async Task<List<string>> RunAsync(string block, JsonElement input, TestRun? run = null)
    {
        var (outputs, failure) = await (run ?? new TestRun()).RunAsync(Block(block), input);
        List<string> shown = [.. outputs.Select(o => $"{o.Pin}={JsonValues.Compact(o.Value)}")];
        if (failure is not null) shown.Add($"!{failure.Kind}: {failure.Reason}");
        return shown;
    }

    public static Task<List<string>> RunAsync(string block, string input, TestRun? run = null) => RunAsync(block, JsonValues.Parse(input), run);
}
