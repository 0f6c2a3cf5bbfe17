using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Vectors;

public sealed class BlockVectorsTests
{
    private static readonly BlockCatalogue Catalogue = new();

    // Blocks of newer versions than the contract's reference, by its rules (contract: upstream, section 4). They are in the format of the contract's vectors.
    private static readonly List<JsonElement> Newer = [.. NewerBlocks.Vectors()];

    private static readonly Dictionary<string, JsonElement>? Vectors = SharedFiles.ReadJson("block-vectors.json")?.EnumerateArray()
        .Where(v => Catalogue.FindBlock(v.GetProperty("block_id").GetString()!) is not null)
        .ToDictionary(v => v.GetProperty("id").GetString()!, StringComparer.Ordinal);

    public static IEnumerable<TheoryDataRow<string>> Cases()
    {
        if (Vectors is null) return [new TheoryDataRow<string>("") { Skip = SharedFiles.AbsentReason }];
        return Vectors.Select(v => new TheoryDataRow<string>(v.Key) { TestDisplayName = $"Block vector {v.Key}: {v.Value.GetProperty("name").GetString()}" });
    }

    public static IEnumerable<TheoryDataRow<string>> NewerCases() =>
        Newer.Select(v => new TheoryDataRow<string>(IdOf(v)) { TestDisplayName = $"Block vector {IdOf(v)}: {v.GetProperty("name").GetString()}" });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Yields_what_the_contract_expects(string id) => AssertAsync(Vectors![id]);

    [Theory]
    [MemberData(nameof(NewerCases))]
    public Task A_block_of_a_newer_version_yields_what_is_expected(string id) => AssertAsync(Newer.Single(vector => IdOf(vector) == id));

    private static string IdOf(JsonElement vector) => vector.GetProperty("id").GetString()!;

    private static async Task AssertAsync(JsonElement vector)
    {
        await using var run = new TestRun(vector.Member("context") ?? default);
        var block = Catalogue.FindBlock(vector.GetProperty("block_id").GetString()!)!;

        var (outputs, failure) = await run.RunAsync(block, Expand(vector.GetProperty("input")));

        var differences = Accepted(vector).Select(expected => Difference(expected, outputs, failure)).ToList();
        Assert.True(differences.Contains(null), string.Join(Environment.NewLine, differences));
        if (vector.Member("expected_effects") is { } effects) AssertEffects(effects, run);
    }

    private static IEnumerable<JsonElement> Accepted(JsonElement vector) =>
        [WithTextAsResult(vector), .. vector.Member("also_accepted") is { } also ? also.EnumerateArray() : []];

    // The vectors of sandboxes have a text without the result that carries it, as the vendor never answers; at the edge of HTTP it is that of the main result.
    private static JsonElement WithTextAsResult(JsonElement vector)
    {
        var expected = vector.GetProperty("expected_outputs");
        if (vector.Member("context")?.Member("sandbox")?.Member("text") is not { } text || expected[0][0].GetString() != "results") return expected;
        var form = KeyValuePair.Create("text", text);
        var result = JsonValues.Object(form, KeyValuePair.Create("is_main_result", JsonValues.True));
        return JsonValues.Array(
        [
            JsonValues.Array(JsonValues.From("results"), JsonValues.Array(result)),
            JsonValues.Array(JsonValues.From("main_result"), JsonValues.Object(form)),
            .. expected.EnumerateArray().Skip(1),
        ]);
    }

    private static string? Difference(JsonElement expected, List<BlockOutput> outputs, BlockFailedException? failure)
    {
        var pairs = outputs.Select(o => JsonValues.Array(JsonValues.From(o.Pin), o.Value));
        var wanted = expected.EnumerateArray().ToList();
        if (wanted.Count > 0 && wanted[^1][1].Member("$error") is { } error)
        {
            wanted.RemoveAt(wanted.Count - 1);
            if (failure is null) return "expected a failure";
            if (!string.Equals(failure.Kind.ToString(), error.GetProperty("kind").GetString(), StringComparison.OrdinalIgnoreCase)) return $"expected failure {JsonValues.Compact(error)}, found {failure.Kind}: {failure}";
            if (VectorMatcher.Difference(error.GetProperty("message"), JsonValues.From(failure.Reason)) is { } difference) return difference;
        }
        else if (failure is not null)
        {
            return $"unexpected failure: {failure}";
        }

        return VectorMatcher.Difference(JsonValues.Array(wanted), JsonValues.Array(pairs));
    }

    private static JsonElement Expand(JsonElement input) => input.ValueKind switch
    {
        JsonValueKind.Object when input.Member("$repeat_json_array") is { } count => JsonValues.From($"[{string.Join(',', Enumerable.Repeat('1', count.GetInt32()))}]"),
        JsonValueKind.Object => JsonValues.Object(input.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, Expand(m.Value)))),
        _ => input,
    };

    private static void AssertEffects(JsonElement effects, TestRun run)
    {
        foreach (var effect in effects.EnumerateObject())
        {
            if (effect.Name == "http_requests") HttpEffects.AssertSent(effect.Value, run.Http.Requests);
            else if (effect.Name == "llm_requests") ModelEffects.AssertAsked(effect.Value, run.Models.Requests);
            else if (effect.Name == "slept_seconds") Assert.Equal(effect.Value.EnumerateArray().Select(seconds => seconds.GetDouble()), run.Clock.Slept.Select(wait => wait.TotalSeconds));
            else if (effect.Name == "kv") Assert.Null(VectorMatcher.Difference(effect.Value, JsonValues.Object(run.KeyValues.Values)));
            else if (effect.Name == "smtp") Assert.Null(VectorMatcher.Difference(effect.Value, JsonValues.Array(run.Mail!.Steps)));
            else Assert.Fail($"No check for the effect {effect.Name}");
        }
    }
}
