namespace Grainflow.Silo.Telemetry;

/// <summary>Finds a series by the labels of a measurement as they stand on the caller's stack, without copying them.</summary>
internal sealed class LabelSetComparer : IEqualityComparer<LabelSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, LabelSet>
{
    public static readonly LabelSetComparer Instance = new();

    public bool Equals(LabelSet? x, LabelSet? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(x.Pairs, y));

    public int GetHashCode(LabelSet obj) => GetHashCode(obj.Pairs);

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, LabelSet other)
    {
        if (alternate.Length != other.Pairs.Length) return false;
        for (var i = 0; i < alternate.Length; i++)
            if (alternate[i].Key != other.Pairs[i].Key || !Equals(alternate[i].Value, other.Pairs[i].Value)) return false;
        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = default(HashCode);
        foreach (var (_, value) in alternate) hash.Add(value);
        return hash.ToHashCode();
    }

    public LabelSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => alternate.IsEmpty ? LabelSet.None : new LabelSet(alternate.ToArray());
}
