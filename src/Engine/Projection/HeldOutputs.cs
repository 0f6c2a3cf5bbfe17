using System.Text.Json;

namespace Grainflow.Engine.Projection;

/// <summary>
/// The output map of one subject, as far as live events show it: the first and the last values as written JSON, and how many between them were dropped. Adding a
/// value costs the same however many values came before.
/// </summary>
/// <param name="limits">How much is held and shown.</param>
/// <param name="held">The bytes that all maps of the projection hold together.</param>
internal sealed class HeldOutputs(EventLimits limits, HeldBytes held)
{
    private readonly List<HeldOutput> _values = [];
    private int _dropped;
    private long _bytes;

    /// <summary>Adds a value, before the values with a later place.</summary>
    public HeldOutput Add((DateTimeOffset At, int Ordinal) place, string name, JsonElement value)
    {
        var added = new HeldOutput(place, name);
        var index = _values.Count;
        while (index > 0 && _values[index - 1].Place.CompareTo(place) > 0) index--;
        _values.Insert(index, added);
        Set(added, value);
        return added;
    }

    /// <summary>Replaces a value that was added before; without effect when that was dropped.</summary>
    public void Set(HeldOutput output, JsonElement value)
    {
        if (output.Dropped) return;
        Count(-output.Size);
        (output.Json, output.Shortened, output.Shown) = (Shortening.Write(value, limits.MapBytes, out var shortened).ToArray(), shortened, false);
        Count(output.Size);

        if (_values.Count > limits.MaxValues) Drop(limits.MaxValues / 2);
        while (_values.Count > 1 && (_bytes > limits.MapBytes || held.Bytes > limits.HeldBytes)) Drop((_values.Count - 1) / 2);
    }

    /// <summary>The values that the next event shows; they count as shown from then on.</summary>
    /// <param name="complete">True to show all that is held.</param>
    public ShownOutputs Show(bool complete)
    {
        if (_values.Count == 0) return ShownOutputs.None;
        var shown = new bool[_values.Count];
        var left = complete ? 0 : limits.BriefBytes;
        for (var i = 0; i < shown.Length; i++) shown[i] = complete || !_values[i].Shown;
        // The newest and the oldest by turns, until one does not fit.
        for (var (first, last, fromEnd) = (0, shown.Length - 1, true); !complete && first <= last; fromEnd = !fromEnd)
        {
            var i = fromEnd ? last-- : first++;
            if (shown[i]) continue;
            left -= _values[i].Size;
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

    /// <summary>Subtracts the values from the bytes of the projection, because the subject has ended.</summary>
    public void Release() => Count(-_bytes);

    private void Drop(int index)
    {
        _values[index].Dropped = true;
        Count(-_values[index].Size);
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
    /// <summary>Its order among the values of its map.</summary>
    public (DateTimeOffset At, int Ordinal) Place { get; } = place;

    public string Name { get; } = name;

    public ReadOnlyMemory<byte> Json { get; set; }

    /// <summary>How much of the limits it needs, with its name, in bytes; 0 before it has a value.</summary>
    public int Size => Json.IsEmpty ? 0 : Json.Length + Name.Length;

    /// <summary>True when the value was cut in the middle.</summary>
    public bool Shortened { get; set; }

    /// <summary>True once an event of the subject has shown it.</summary>
    public bool Shown { get; set; }

    /// <summary>True once it is no longer held and only counted.</summary>
    public bool Dropped { get; set; }
}

/// <summary>Bytes that the output maps of one projection hold.</summary>
internal sealed class HeldBytes
{
    public long Bytes { get; set; }
}
