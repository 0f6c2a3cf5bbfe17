using System.Text;
using System.Text.Json;
using Grainflow.Engine.Projection;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Projection;

public sealed class HeldOutputsTests
{
    private readonly HeldBytes _held = new();

    [Fact]
    public void All_of_a_few_values_are_shown_in_order()
    {
        var outputs = Of(new EventLimits());
        foreach (var i in new[] { 1, 2, 3 }) Add(outputs, i, i.ToString());

        Assert.Equal("[1,2,3] +0", Text(outputs.Show(complete: false)));
        Assert.Equal("[1,2,3] +0", Text(outputs.Show(complete: true)));
    }

    [Fact]
    public void Of_many_values_the_first_and_the_last_are_held_and_the_others_are_a_number()
    {
        var outputs = Of(new EventLimits { MaxValues = 4 });
        for (var i = 0; i < 1000; i++) Add(outputs, i, i.ToString());

        Assert.Equal("[0,1,998,999] +996", Text(outputs.Show(complete: true)));
        // One byte of name with each of the values.
        Assert.Equal(12, _held.Bytes);
    }

    [Fact]
    public void A_brief_event_shows_what_is_new_and_of_the_others_what_fits()
    {
        var outputs = Of(new EventLimits { BriefBytes = 64 });
        var text = $"\"{new string('x', 28)}\"";
        for (var i = 0; i < 5; i++) Add(outputs, i, text);
        Assert.Equal(5, outputs.Show(complete: false).Values.Count);

        Add(outputs, 5, "\"new\"");
        var brief = outputs.Show(complete: false);

        // The new one, the newest of the others and the oldest.
        Assert.Equal((3, 3), (brief.Values.Count, brief.Omitted));
        Assert.Equal("\"new\"", Encoding.UTF8.GetString(brief.Values[^1].Value.Span));
        Assert.Equal(6, outputs.Show(complete: true).Values.Count);
    }

    [Fact]
    public void A_new_value_is_shown_whole_however_large_it_is_and_only_once()
    {
        var outputs = Of(new EventLimits { BriefBytes = 64 });
        Add(outputs, 0, $"\"{new string('x', 5000)}\"");

        Assert.Equal(5002, Assert.Single(outputs.Show(complete: false).Values).Value.Length);
        Assert.Equal((0, 1), (outputs.Show(complete: false).Values.Count, outputs.Show(complete: false).Omitted));
    }

    [Fact]
    public void A_value_that_alone_passes_the_limit_is_cut_in_the_middle_and_this_is_said()
    {
        var outputs = Of(new EventLimits { MapBytes = 100 });
        Add(outputs, 0, "1");
        Assert.False(outputs.Show(complete: true).Shortened);
        Add(outputs, 1, $"\"{new string('x', 5000)}\"");

        var shown = outputs.Show(complete: true);

        Assert.True(shown.Shortened);
        Assert.InRange(shown.Values[^1].Value.Length, 50, 100);
        Assert.Contains("omitted", Encoding.UTF8.GetString(shown.Values[^1].Value.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_held_is_bounded_for_each_map_and_for_all_of_a_projection()
    {
        var limits = new EventLimits { MapBytes = 1000, HeldBytes = 5000 };
        var maps = Enumerable.Range(0, 20).Select(_ => Of(limits)).ToList();
        foreach (var map in maps)
            for (var i = 0; i < 50; i++) Add(map, i, $"\"{new string('x', 98)}\"");

        // Beyond the limit of all, each map holds one value.
        Assert.InRange(_held.Bytes, 5000, 5000 + (20 * 101));
        Assert.All(maps, map => Assert.Equal(50, map.Show(complete: true) is var shown ? shown.Values.Count + shown.Omitted : 0));
        foreach (var map in maps) map.Release();
        Assert.Equal(0, _held.Bytes);
    }

    [Fact]
    public void Long_names_count_as_values_do()
    {
        var outputs = Of(new EventLimits { BriefBytes = 64, MapBytes = 1000 });
        for (var i = 0; i < 20; i++) outputs.Add((default, i), $"{new string('n', 300)}{i}", JsonValues.True);

        Assert.InRange(_held.Bytes, 300, 1000);
        Assert.InRange(outputs.Show(complete: false).Values.Count, 1, 3);
        Assert.Equal((0, 20), outputs.Show(complete: false) is var brief ? (brief.Values.Count, brief.Omitted) : default);
    }

    [Fact]
    public void Values_stand_in_the_order_of_their_places()
    {
        var outputs = Of(new EventLimits());
        var at = DateTimeOffset.UnixEpoch;
        outputs.Add((at.AddSeconds(2), 1), "o", JsonValues.From(2));
        var replaced = outputs.Add((at.AddSeconds(1), 2), "o", JsonValues.From(1));
        outputs.Add((at.AddSeconds(2), 3), "o", JsonValues.From(3));
        outputs.Set(replaced, JsonValues.From("one"));

        Assert.Equal("[\"one\",2,3] +0", Text(outputs.Show(complete: true)));
    }

    [Fact]
    public void A_value_that_is_not_held_any_more_cannot_come_back()
    {
        var outputs = Of(new EventLimits { MaxValues = 2 });
        Add(outputs, 0, "0");
        var dropped = Add(outputs, 1, "1");
        Add(outputs, 2, "2");

        outputs.Set(dropped, JsonValues.From("again"));

        Assert.Equal("[0,2] +1", Text(outputs.Show(complete: true)));
    }

    private HeldOutputs Of(EventLimits limits) => new(limits, _held);

    private static HeldOutput Add(HeldOutputs outputs, int place, string json) => outputs.Add((default, place), "o", JsonElement.Parse(json));

    private static string Text(ShownOutputs shown) => $"[{string.Join(',', shown.Values.Select(value => Encoding.UTF8.GetString(value.Value.Span)))}] +{shown.Omitted}";
}
