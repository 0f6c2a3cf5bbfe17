using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Logic;

[Block("4a448883-71fa-49cf-91cf-70d793bd7d87", "Draws a sample of rows by one of eight methods.", "LOGIC")]
internal sealed class DataSamplingBlock : PureBlock<DataSamplingBlock.Input, DataSamplingBlock.Output>
{
    protected override IEnumerable<BlockOutput> Run(Input input, ComputationContext context)
    {
        List<JsonElement> rows = input.Data.ValueKind == JsonValueKind.Array ? [.. input.Data.EnumerateArray()] : [input.Data];
        // Nothing accumulates from one execution to the next (contract: block-tiers, quirk 7).
        if (input.Accumulate && rows.Count < input.SampleSize) yield break;
        if (input.SampleSize > rows.Count) throw new BlockException($"Sample size ({input.SampleSize}) cannot be larger than the dataset size ({rows.Count}).");
        if (input.SampleSize < 0) throw new BlockException($"Sample size ({input.SampleSize}) must be 0 or more.");
        var random = input.RandomSeed is { } seed ? PythonRandom.Seeded(seed) : PythonRandom.Of(context.NodeExecutionId);
        var picked = Pick(input, rows, random);
        yield return Emit(nameof(Output.SampledData), JsonValues.Array(picked.Select(index => rows[index])));
        yield return Emit(nameof(Output.SampleIndices), JsonValues.Array(picked.Select(index => JsonValues.From(index))));
    }

    private static List<int> Pick(Input input, List<JsonElement> rows, PythonRandom random)
    {
        var size = (int)input.SampleSize;
        if (size == 0) return [];
        return input.SamplingMethod switch
        {
            "random" => random.Sample([.. Enumerable.Range(0, rows.Count)], size),
            "systematic" => Systematic(rows.Count, size, random),
            "top" => [.. Enumerable.Range(0, size)],
            "bottom" => [.. Enumerable.Range(rows.Count - size, size)],
            "stratified" => Stratified(Groups(rows, input.StratifyKey, "Stratify", "stratified"), rows.Count, size, random),
            "weighted" => Weighted(rows, input.WeightKey, size, random),
            "reservoir" => Reservoir(rows.Count, size, random),
            _ => Clusters(Groups(rows, input.ClusterKey, "Cluster", "cluster"), size, random),
        };
    }

    private static List<int> Systematic(int count, int size, PythonRandom random)
    {
        var step = count / size;
        var start = random.Below(step);
        return [.. Enumerable.Range(0, size).Select(i => start + (i * step))];
    }

    private static List<int> Reservoir(int count, int size, PythonRandom random)
    {
        List<int> picked = [.. Enumerable.Range(0, size)];
        for (var i = size; i < count; i++)
            if (random.Below(i + 1) is var at && at < size) picked[at] = i;
        return picked;
    }

    // With replacement.
    private static List<int> Weighted(List<JsonElement> rows, string? key, int size, PythonRandom random)
    {
        if (string.IsNullOrEmpty(key)) throw new BlockException("Weight key must be provided for weighted sampling.");
        var total = 0.0;
        var sums = rows.ConvertAll(row => total += Weight(row, key));
        if (total <= 0) throw new BlockException("Total of weights must be greater than zero");
        if (!double.IsFinite(total)) throw new BlockException("Total of weights must be finite");
        return [.. Enumerable.Range(0, size).Select(_ => FirstAbove(sums, random.Next() * total))];
    }

    private static double Weight(JsonElement row, string key)
    {
        var value = ValueOf(row, key, "Weight");
        return Coercion.TryConvert(value, PinType.Number, out var number, out _) && (value.ValueKind != JsonValueKind.String || PythonNumber.TryParseFloat(value.GetString()!, out _))
            && value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object) && number.ValueKind == JsonValueKind.Number
            ? number.GetDouble()
            : throw new BlockException($"Weight value '{PythonText.Str(value)}' cannot be converted to a number");
    }

    // As Python's bisect_right, up to the last position.
    private static int FirstAbove(List<double> sums, double value)
    {
        var (low, high) = (0, sums.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (value < sums[middle]) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    // The rows by the text of their key's value, in the order in which the values appear.
    private static List<List<int>> Groups(List<JsonElement> rows, string? key, string name, string method)
    {
        if (string.IsNullOrEmpty(key)) throw new BlockException($"{name} key must be provided for {method} sampling.");
        var groups = new OrderedDictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < rows.Count; i++)
        {
            var value = PythonText.Str(ValueOf(rows[i], key, name));
            if (!groups.TryGetValue(value, out var group)) groups.Add(value, group = []);
            group.Add(i);
        }

        return [.. groups.Values];
    }

    private static JsonElement ValueOf(JsonElement row, string key, string name)
    {
        if (row.ValueKind != JsonValueKind.Object) throw new BlockException($"{name} key '{key}' not found in item {CodePoints(PythonText.Str(row))}");
        var value = row.Member(key) ?? JsonValues.Null;
        return value.IsNull() ? throw new BlockException($"{name} value for key '{key}' is None") : value;
    }

    private static string CodePoints(string text) => Text.CodePointText.Cut(text, 200);

    // Each group gets its share, at least one; then the largest share grows or shrinks by one until the total fits.
    private static List<int> Stratified(List<List<int>> groups, int count, int size, PythonRandom random)
    {
        var shares = groups.ConvertAll(group => Math.Max(1, (int)((double)group.Count / count * size)));
        var excess = shares.Sum() - size;
        // The largest share stays the largest while it grows.
        if (excess < 0) shares[shares.IndexOf(shares.Max())] -= excess;
        var largest = new PriorityQueue<int, (int, int)>(shares.Select((share, group) => (group, (-share, group))));
        for (; excess > 0; excess--)
        {
            var group = largest.Dequeue();
            shares[group]--;
            largest.Enqueue(group, (-shares[group], group));
        }

        var picked = new List<int>(size);
        foreach (var (group, share) in groups.Zip(shares))
        {
            if (share > group.Count) throw new BlockException("Sample larger than population or is negative");
            picked.AddRange(random.Sample(group, share));
        }

        return picked;
    }

    // Whole clusters until there are enough rows, of which the sample is then taken at random.
    private static List<int> Clusters(List<List<int>> clusters, int size, PythonRandom random)
    {
        var picked = new List<int>();
        while (picked.Count < size)
        {
            var at = random.Below(clusters.Count);
            picked.AddRange(clusters[at]);
            clusters.RemoveAt(at);
        }

        return picked.Count > size ? random.Sample(picked, size) : picked;
    }

    internal sealed record Input
    {
        [Pin(Type = "object|array<object|array<any>>")]
        public required JsonElement Data { get; init; }

        public long SampleSize { get; init; } = 10;

        [Pin(Type = "enum(random|systematic|top|bottom|stratified|weighted|reservoir|cluster)", Title = "SamplingMethod")]
        public string SamplingMethod { get; init; } = "random";

        public bool Accumulate { get; init; }

        public long? RandomSeed { get; init; }

        public string? StratifyKey { get; init; }

        public string? WeightKey { get; init; }

        public string? ClusterKey { get; init; }
    }

    internal sealed record Output : BlockResult
    {
        [Pin(Type = "array<object|array<any>>")]
        public required JsonElement SampledData { get; init; }

        [Pin(Type = "array<integer>")]
        public required JsonElement SampleIndices { get; init; }
    }
}
