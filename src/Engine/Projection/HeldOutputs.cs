using System.Text.Json;

namespace Grainflow.Engine.Projection;

/// <summary>
/// The output map of one subject, as far as events show it: written JSON of the first and the last values, and the number of those in between. What is added
/// costs the same however many values came before.
/// </summary>
/// <param name="limits">How much is held and shown.</param>
/// <param name="held">Counts what all maps of the projection hold together.</param>
internal sealed class HeldOutputs(EventLimits limits, HeldBytes held)
{
    private readonly List<HeldOutput> _values = [];
    private int _dropped;
    private long _bytes;

    /// <summary>Adds a value. It comes before those with a later place.</summary>
    public HeldOutput Add((DateTimeOffset At, int Ordinal) place, string name, JsonElement value)
    {
        var added = new HeldOutput(place, name);
        var index = _values.Count;
        while (index > 0 && _values[index - 1].Place.CompareTo(place) > 0) index--;
        _values.Insert(index, added);
        Set(added, value);
        return added;
    }

    /// <summary>Replaces a value that was added before; without effect when it is not held any more.</summary>
    public void Set(HeldOutput output, JsonElement value)
    {
        if (output.Dropped) return;
        Count(-output.Json.Length);
        (output.Json, output.Shortened, output.Shown) = (Shortening.Write(value, limits.MapBytes, out var shortened).ToArray(), shortened, false);
        Count(output.Json.Length);

        if (_values.Count > limits.MaxValues) Drop(limits.MaxValues / 2);
        while (_values.Count > 1 && (_bytes > limits.MapBytes || held.Bytes > limits.HeldBytes)) Drop((_values.Count - 1) / 2);
    }

    /// <summary>What an event shows. Values that it shows count as shown from then on.</summary>
    /// <param name="complete">True to show all that is held.</param>
    public ShownOutputs Take(bool complete)
    {
        if (_values.Count == 0) return ShownOutputs.None;
        var shown = new bool[_values.Count];
        var left = complete ? 0 : limits.BriefBytes;
        for (var i = 0; i < shown.Length; i++) shown[i] = complete || !_values[i].Shown;
        // Newest and oldest by turns, until one does not fit.
        for (var (first, last, takeLast) = (0, shown.Length - 1, true); !complete && first <= last; takeLast = !takeLast)
        {
            var i = takeLast ? last-- : first++;
            if (shown[i]) continue;
            left -= _values[i].Json.Length;
            if (left < 0) break;
            shown[i] = true;
        }

        var values = new List<KeyValuePair<string, ReadOnlyMemory<byte>>>();
        var shortened = false;
        for (var i = 0; i < shown.Length; i++)
        {
            if (!shown[i]) continue;
            var value = _values[i];
            value.Shown = true;
            shortened |= value.Shortened;
            values.Add(KeyValuePair.Create(value.Name, value.Json));
        }

        return new ShownOutputs(values, _dropped + shown.Length - values.Count, shortened);
    }

    /// <summary>Gives up what is held, because the subject has ended.</summary>
    public void Release() => Count(-_bytes);

    private void Drop(int index)
    {
        _values[index].Dropped = true;
        Count(-_values[index].Json.Length);
        _values.RemoveAt(index);
        _dropped++;
    }

    private void Count(long bytes)
    {
        _bytes += bytes;
        held.Bytes += bytes;
    }
}

/// <summary>One value of an output map.</summary>
internal sealed class HeldOutput((DateTimeOffset At, int Ordinal) place, string name)
{
    /// <summary>Where it stands among the values of its map.</summary>
    public (DateTimeOffset At, int Ordinal) Place { get; } = place;

    public string Name { get; } = name;

    public ReadOnlyMemory<byte> Json { get; set; }

    public bool Shortened { get; set; }

    /// <summary>True once an event of the subject has shown it.</summary>
    public bool Shown { get; set; }

    /// <summary>True once only its number is kept.</summary>
    public bool Dropped { get; set; }
}

/// <summary>Bytes that the output maps of one projection hold.</summary>
internal sealed class HeldBytes
{
    public long Bytes { get; set; }
}
