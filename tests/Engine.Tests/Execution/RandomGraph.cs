using System.Globalization;
using System.Text.Json;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Tests.Graphs;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Execution;

/// <summary>Graphs made from a seed, and nodes whose outputs follow from their constants and their input alone.</summary>
internal static class RandomGraph
{
    private static readonly string[] Pins = ["a", "b", "c"];
    private static readonly string[] Sources = ["out", "out", "out", "out", "out", "out", "out", "other", "other", "other_#_k", "other_#_l_$_-1", "error"];
    private static readonly string[] OddSources = [.. Sources, "other_$_0", "other_#_none", "tools"];
    private static readonly string[] Parts = ["", "", "", "_#_x", "_$_1"];
    private static readonly string[] OddParts = [.. Parts, "", "", "", "", "_@_y_#_z", "_$_-1", "_$_no", "_#_"];

    /// <summary>Links lead from earlier nodes to later ones, and no pin has two.</summary>
    public static GraphIndex Acyclic(Random random)
    {
        var graph = new GraphBuilder();
        var count = random.Next(3, 11);
        for (var i = 0; i < count; i++) AddStep(graph, i, random, maxOutputs: 2);
        for (var sink = 1; sink < count; sink++)
        {
            // One linked pin is usual: nodes that need many values seldom run.
            foreach (var pin in Pins.Where(pin => random.Next(10) < (pin == "a" ? 9 : 2)))
                graph.Link($"n{random.Next(sink)}.{Pick(random, Sources)}", $"n{sink}.{pin}{Pick(random, Parts)}");
        }

        AddOutputs(graph, count, random);
        return graph.Index();
    }

    /// <summary>Links lead anywhere but to the first node; some are static, some pins have several, some parts are malformed.</summary>
    public static GraphIndex Cyclic(Random random)
    {
        var graph = new GraphBuilder();
        var count = random.Next(2, 8);
        for (var i = 0; i < count; i++) AddStep(graph, i, random, maxOutputs: 2);
        for (var sink = 1; sink < count; sink++) graph.Link($"n{random.Next(sink)}.{Pick(random, Sources)}", $"n{sink}.a");
        if (random.Next(2) == 0) graph.Link($"n{count - 1}.out", $"n{random.Next(1, count)}.a");
        for (var link = random.Next(count); link > 0; link--)
        {
            var pin = random.Next(3) > 0 ? "a" : Pick(random, Pins);
            graph.Link($"n{random.Next(count)}.{Pick(random, OddSources)}", $"n{random.Next(1, count)}.{pin}{Pick(random, OddParts)}", isStatic: random.Next(3) == 0);
        }

        AddOutputs(graph, count, random);
        return graph.Index();
    }

    /// <summary>What a node emits and whether it fails, for its resolved input.</summary>
    public static (List<(string Pin, JsonElement Value)> Outputs, string? Error) Play(PinValues input)
    {
        if (input.TryGetValue("name", out var name)) return ([("output", input.GetValueOrDefault("value", JsonValues.Null)), ("name", name)], null);
        var seed = input["seed"].GetInt32();
        var mark = (int)(uint)(seed + Pins.Sum(pin => input.TryGetValue(pin, out var value) ? Weight(JsonValues.Compact(value)) : 0)) % 1_000_003;
        var outputs = new List<(string, JsonElement)>();
        for (var i = 0; i < input["outputs"].GetInt32(); i++)
        {
            outputs.Add(("out", mark % 11 == 0 ? JsonValues.Null : JsonValues.From(mark + i)));
            if ((mark + i) % 2 == 0) outputs.Add(("other", JsonValues.Parse(string.Create(CultureInfo.InvariantCulture, $$"""{"k": {{mark + i}}.50, "l": [null, "{{i}}"]}"""))));
        }

        return (outputs, seed % 7 == 0 ? $"node {seed} fails on {mark}" : null);
    }

    private static void AddStep(GraphBuilder graph, int index, Random random, int maxOutputs) =>
        graph.Node($"n{index}", index % 4 == 3 ? Wanting : FakeBlocks.Step, string.Create(CultureInfo.InvariantCulture, $$"""{"seed": {{random.Next(100)}}, "outputs": {{(random.Next(10) == 0 ? 0 : random.Next(1, maxOutputs + 1))}}}"""));

    // Converts what arrives, and refuses some of it.
    private static readonly Engine.Catalogue.BlockDefinition Wanting = FakeBlocks.Of("Wanting", "a:string?=null b:array<any>?=null c:integer?=null", "out:any other:any error:string");

    private static void AddOutputs(GraphBuilder graph, int count, Random random)
    {
        for (var i = random.Next(1, 4); i > 0; i--)
            graph.Node($"o{i}", FakeBlocks.Output, $$"""{"name": "result {{i % 2}}"}""").Link($"n{random.Next(count)}.out", $"o{i}.value");
    }

    private static int Weight(string text) => text.Aggregate(7, (sum, c) => ((sum * 31) + c) % 100_003);

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
