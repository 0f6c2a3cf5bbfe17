namespace Grainflow.Storage.Telemetry;

/// <summary>The labels of a statement in the histogram of durations, read from its text, so that stores need not name them.</summary>
/// <param name="Operation"><c>select</c>, <c>insert</c>, <c>update</c>, <c>delete</c>, or <c>commit</c> for a batch of the log.</param>
/// <param name="Table">The table; <c>none</c> when there is none.</param>
internal readonly record struct QueryLabels(string Operation, string Table)
{
    private const string None = "none";

    /// <summary>
    /// The labels of a statement: those of its main part, or, when that only selects from what other parts of it have
    /// written, those of the first part that writes.
    /// </summary>
    public static QueryLabels Of(string sql)
    {
        if (sql.Contains("INSERT INTO execution_events", StringComparison.Ordinal)) return new QueryLabels("commit", "execution_log");
        var words = Words(sql);
        var main = words.FindIndex(word => word is { Depth: 0, Text: "SELECT" or "INSERT" or "UPDATE" or "DELETE" });
        if (main < 0) return new QueryLabels(words.Count > 0 ? words[0].Text.ToLowerInvariant() : None, None);
        if (Writing(words, main) is { } written) return written;
        for (var i = 0; i < words.Count; i++)
            if (Writing(words, i) is { } inside) return inside;
        // The outermost FROM counts, since a column may itself be a query; unnest makes rows of parameters and is no table.
        var tables =
            from at in Enumerable.Range(0, words.Count)
            where words[at].Text == "FROM" && TableAt(words, at + 1) is not ("unnest" or "SELECT")
            orderby words[at].Depth
            select TableAt(words, at + 1);
        return new QueryLabels("select", tables.FirstOrDefault(None));
    }

    private static QueryLabels? Writing(List<(string Text, int Depth)> words, int at) => words[at].Text switch
    {
        "INSERT" => new QueryLabels("insert", TableAt(words, at + 2)),
        "DELETE" => new QueryLabels("delete", TableAt(words, at + 2)),
        // FOR UPDATE locks, and ON CONFLICT DO UPDATE belongs to an INSERT.
        "UPDATE" when at == 0 || words[at - 1].Text is not ("FOR" or "DO") => new QueryLabels("update", TableAt(words, at + 1)),
        _ => null,
    };

    private static string TableAt(List<(string Text, int Depth)> words, int at) => at < words.Count ? words[at].Text : None;

    private static List<(string Text, int Depth)> Words(string sql)
    {
        var words = new List<(string, int)>();
        var depth = 0;
        for (var i = 0; i < sql.Length; i++)
        {
            if (sql[i] == '(') depth++;
            else if (sql[i] == ')') depth--;
            else if (sql[i] == '\'') i = sql.IndexOf('\'', i + 1) is var end and >= 0 ? end : sql.Length;
            if (i >= sql.Length || !IsOfWord(sql[i])) continue;
            var start = i;
            while (i + 1 < sql.Length && IsOfWord(sql[i + 1])) i++;
            words.Add((sql[start..(i + 1)], depth));
        }

        return words;
    }

    private static bool IsOfWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '$';
}
