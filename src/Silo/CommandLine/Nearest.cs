namespace Grainflow.Silo.CommandLine;

/// <summary>Messages about a name that is not known.</summary>
internal static class Nearest
{
    private const int MostListed = 20;

    /// <summary>Characters of a name beyond which no similar one is searched: the search takes time and memory by the product of both lengths.</summary>
    private const int MostCompared = 200;

    /// <summary>" Did you mean 'NAME'?" for the known name that differs least, or nothing when none is near.</summary>
    /// <param name="given">The name that is not known.</param>
    /// <param name="known">The names that there are.</param>
    public static string Hint(string given, IEnumerable<string> known)
    {
        if (given.Length > MostCompared) return "";
        var best = known.Where(name => name.Length <= MostCompared).Select(name => (Name: name, Distance: Distance(given, name))).OrderBy(pair => pair.Distance).FirstOrDefault();
        // Every third character may differ, and one of a short name.
        return best.Name is { Length: > 1 } name && best.Distance <= Math.Max(1, Math.Max(given.Length, name.Length) / 3) ? $" Did you mean '{name}'?" : "";
    }

    /// <summary>The names in quotes, as many as a line can have.</summary>
    /// <param name="names">The names.</param>
    public static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(MostListed).Select(name => $"'{name}'")) + (names.Count > MostListed ? $" and {names.Count - MostListed} more" : "");

    /// <summary>
    /// How many characters must be put in, left out, replaced or exchanged with their neighbour; case does not count (the distance of Damerau and
    /// Levenshtein, each pair exchanged once).
    /// </summary>
    private static int Distance(string one, string other)
    {
        var rows = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var least = Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1;
                least = Math.Min(least, rows[i - 1, j - 1] + (Same(one[i - 1], other[j - 1]) ? 0 : 1));
                if (i > 1 && j > 1 && Same(one[i - 1], other[j - 2]) && Same(one[i - 2], other[j - 1])) least = Math.Min(least, rows[i - 2, j - 2] + 1);
                rows[i, j] = least;
            }
        }

        return rows[one.Length, other.Length];
    }

    private static bool Same(char one, char other) => char.ToUpperInvariant(one) == char.ToUpperInvariant(other);
}
