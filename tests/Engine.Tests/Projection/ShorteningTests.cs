using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
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
            var omitted = int.Parse(Regex.Match(shortened, "omitted ([0-9]+) chars").Groups[1].Value, CultureInfo.InvariantCulture);
            Assert.Equal(100, omitted + shortened.EnumerateRunes().Count(character => character.Value == 0x1F600));
        }
    }

    [Fact]
    public void Objects_lose_no_member_while_their_names_fit()
    {
        var members = string.Join(',', Enumerable.Range(0, 20).Select(number => $"\"member{number}\":\"{new string('x', 1000)}\""));

        Assert.Equal(20, JsonElement.Parse(Shorten($"{{{members}}}", 1500)).EnumerateObject().Count());
    }

    [Theory]
    [InlineData(64)]
    [InlineData(1024)]
    [InlineData(20_000)]
    public void Objects_whose_names_do_not_fit_lose_members_in_the_middle(int limit)
    {
        var members = string.Join(',', Enumerable.Range(0, 10_000).Select(number => $"\"member{number}\":{number}"));

        var shortened = Shorten($"{{\"object\":{{{members}}}}}", limit);

        Assert.InRange(Encoding.UTF8.GetByteCount(shortened), 1, limit);
        var names = JsonElement.Parse(shortened).GetProperty("object").EnumerateObject().Select(member => member.Name).ToList();
        Assert.Contains($"… (omitted {10_001 - names.Count} members)…", names);
        if (limit >= 1024) Assert.Equal(("member0", "member9999"), (names[0], names[^1]));
    }

    [Fact]
    public void One_name_that_does_not_fit_is_left_out() =>
        Assert.Equal("{\"… (omitted 1 members)…\":null}", Shorten($"{{\"{new string('n', 1000)}\":1}}", 100));

    private static string Shorten(string json, int limit) => Encoding.UTF8.GetString(Shortening.Write(JsonElement.Parse(json), limit, out _).Span);
}
