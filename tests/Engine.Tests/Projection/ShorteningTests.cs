using System.Text;
using System.Text.Json;
using Grainflow.Engine.Projection;

namespace Grainflow.Engine.Tests.Projection;

public sealed class ShorteningTests
{
    [Theory]
    [InlineData("""{"a":[1,2.0,"text",null,true],"b":{}}""")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    public void What_fits_stays_as_it_is(string json) => Assert.Equal(json, Shorten(json, 100));

    [Fact]
    public void A_text_is_cut_in_the_middle()
    {
        var shortened = JsonElement.Parse(Shorten($"\"{new string('a', 500)}{new string('b', 500)}\"", 101)).GetString()!;

        Assert.Matches("^a{30,}… \\(omitted [0-9]+ chars\\)…b{30,}$", shortened);
    }

    [Fact]
    public void A_list_is_cut_in_the_middle()
    {
        var shortened = JsonElement.Parse(Shorten($"[{string.Join(',', Enumerable.Range(0, 1000))}]", 100));

        Assert.Equal(0, shortened[0].GetInt32());
        Assert.Equal(999, shortened[shortened.GetArrayLength() - 1].GetInt32());
        Assert.Single(shortened.EnumerateArray(), item => item.ValueKind == JsonValueKind.String && item.GetString()!.Contains("omitted", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(500)]
    [InlineData(5000)]
    public void The_result_uses_the_room_that_there_is(int limit)
    {
        var texts = string.Join(',', Enumerable.Range(0, 20).Select(number => $"\"{new string((char)('a' + number), 1000)}\""));

        var length = Encoding.UTF8.GetByteCount(Shorten($$"""{"texts":[{{texts}}]}""", limit));

        Assert.InRange(length, limit * 6 / 10, limit);
    }

    [Fact]
    public void Half_of_a_pair_of_surrogates_is_never_left()
    {
        var text = string.Concat(Enumerable.Repeat("😀", 100));

        for (var limit = 40; limit < 200; limit++)
        {
            var shortened = JsonElement.Parse(Shorten($"\"{text}\"", limit)).GetString()!;
            Assert.DoesNotContain('\uFFFD', shortened);
        }
    }

    private static string Shorten(string json, int limit) => Encoding.UTF8.GetString(Shortening.Write(JsonElement.Parse(json), limit, out _).Span);
}
