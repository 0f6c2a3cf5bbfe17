using Grainflow.Blocks.Logic;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Logic;

public sealed class DataSamplingTests
{
    private const string Block = "DataSamplingBlock";

    // python3 -c "import random; random.seed(1); print(random.random(), random.sample(range(1000), 5), random.sample(range(10), 7))"
    [Fact]
    public void A_seed_gives_what_it_gives_in_Python()
    {
        var random = PythonRandom.Seeded(1);

        Assert.Equal(0.13436424411240122, random.Next());
        Assert.Equal(Python.Wide, random.Sample([.. Enumerable.Range(0, 1000)], 5));
        Assert.Equal(Python.Narrow, random.Sample([.. Enumerable.Range(0, 10)], 7));
    }

    [Fact]
    public void A_negative_seed_and_one_of_64_bits_give_what_they_give_in_Python()
    {
        Assert.Equal(PythonRandom.Seeded(7).Next(), PythonRandom.Seeded(-7).Next());
        Assert.Equal(Python.Long, PythonRandom.Seeded(1L << 40).Next());
    }

    [Fact]
    public async Task Without_a_seed_a_repeated_attempt_picks_the_same_rows_and_another_execution_others()
    {
        var input = $$"""{"data": [{{string.Join(',', Enumerable.Range(0, 1000).Select(i => $"[{i}]"))}}], "sample_size": 20}""";

        var once = await BlockResults.RunAsync(Block, input);
        var again = await BlockResults.RunAsync(Block, input);
        var other = await BlockResults.RunAsync(Block, input, new TestRun(JsonValues.Parse("""{"node_execution_id": "another"}""")));

        Assert.Equal(once, again);
        Assert.NotEqual(once, other);
    }

    [Fact]
    public async Task Stratified_gives_each_group_a_row_and_the_largest_the_rest() =>
        Assert.Equal(
            """sample_indices=[0,1,2,3,4]""",
            string.Join(' ', (await BlockResults.RunAsync(Block, """{"data": [{"g":1},{"g":1},{"g":1},{"g":1},{"g":2}], "sample_size": 5, "sampling_method": "stratified", "stratify_key": "g"}"""))
                .Where(output => output.StartsWith("sample_indices", StringComparison.Ordinal))
                .Select(output => $"sample_indices=[{string.Join(',', output["sample_indices=[".Length..^1].Split(',').Order(StringComparer.Ordinal))}]")));

    [Fact]
    public async Task Stratified_with_more_groups_than_the_sample_takes_rows_of_as_many_groups()
    {
        var shown = await BlockResults.RunAsync(Block, """{"data": [{"g":1},{"g":2},{"g":3}], "sample_size": 2, "sampling_method": "stratified", "stratify_key": "g"}""");
        Assert.Equal("sample_indices=[1,2]", shown[^1]);
    }

    [Fact]
    public async Task Clusters_are_taken_whole_and_then_cut_to_the_sample()
    {
        var shown = await BlockResults.RunAsync(Block, """{"data": [{"c":1},{"c":1},{"c":2},{"c":2}], "sample_size": 2, "sampling_method": "cluster", "cluster_key": "c"}""");
        Assert.Contains(shown[^1], (string[])["sample_indices=[0,1]", "sample_indices=[2,3]"]);
    }

    [Theory]
    [InlineData("""{"data": [{"w": 1}], "sample_size": -1}""", "Sample size (-1) must be 0 or more.")]
    [InlineData("""{"data": [{"w": 0}], "sample_size": 1, "sampling_method": "weighted", "weight_key": "w"}""", "Total of weights must be greater than zero")]
    [InlineData("""{"data": [{}], "sample_size": 1, "sampling_method": "weighted", "weight_key": "w"}""", "Weight value for key 'w' is None")]
    [InlineData("""{"data": [[1]], "sample_size": 1, "sampling_method": "cluster", "cluster_key": "c"}""", "Cluster key 'c' not found in item [1]")]
    public async Task What_cannot_be_sampled_fails_with_its_reason(string input, string reason) => Assert.Equal(["!Execution: " + reason], await BlockResults.RunAsync(Block, input));

    private static class Python
    {
        public static readonly int[] Wide = [867, 821, 782, 64, 261];
        public static readonly int[] Narrow = [1, 7, 8, 3, 5, 6, 9];
        public const double Long = 0.1036394562812375;
    }
}
