namespace Grainflow.Engine.Search;

/// <summary>
/// What somebody searches for, and how well a thing fits it. Of two things the one whose name is what was asked for comes first, then those whose name begins with it, has it at
/// the begin of a word, or has it anywhere; then those that have its words in their name, their tags or their description. Ties are decided by name and id, so that an order is
/// the same every time.
/// </summary>
public sealed class SearchQuery
{
    /// <summary>The most words that count; the rest of a longer query is not looked at.</summary>
    public const int MaxWords = 16;

    private const int Exact = 100_000;
    private const int Begins = 80_000;
    private const int AtWord = 60_000;
    private const int Within = 40_000;
    private const int Phrase = 500;

    private readonly IReadOnlyList<string> _words;
    private readonly string _joined;
    private readonly string _phrase;

    /// <summary>Prepares a query.</summary>
    /// <param name="text">The text; one without letters and digits finds everything.</param>
    public SearchQuery(string? text)
    {
        _words = [.. SearchText.Words(text ?? "", splitsNames: false).Take(MaxWords)];
        _joined = string.Concat(_words);
        _phrase = string.Join(' ', _words);
    }

    /// <summary>True when nothing is searched for, so that everything fits alike.</summary>
    public bool IsEmpty => _words.Count == 0;

    /// <summary>How well a thing fits.</summary>
    /// <param name="text">The thing.</param>
    /// <returns>More for what fits better; 0 for what does not fit.</returns>
    public int Score(SearchText text)
    {
        if (IsEmpty) return 1;
        var score = NameScore(text);
        var found = 0;
        foreach (var word in _words)
        {
            var points = WordScore(text, word);
            if (points > 0) found++;
            score += points;
        }

        if (_words.Count > 1 && text.JoinedDescription.Contains(_phrase, StringComparison.Ordinal)) score += Phrase;
        // Half of the words must be there: a question in whole sentences finds what it is about, and a word that is nowhere does not hide the rest.
        return score >= Within || found * 2 > _words.Count || (found * 2 == _words.Count && _words.Count > 2) ? score : 0;
    }

    /// <summary>The things that fit, best first.</summary>
    /// <param name="items">Things.</param>
    /// <param name="text">The text of a thing.</param>
    public IReadOnlyList<T> Rank<T>(IEnumerable<T> items, Func<T, SearchText> text) =>
    [
        .. items.Select(item => (Item: item, Text: text(item))).Select(item => (item.Item, item.Text, Score: Score(item.Text))).Where(item => item.Score > 0)
            .OrderByDescending(item => item.Score)
            .ThenBy(item => item.Text.Name, StringComparer.OrdinalIgnoreCase).ThenBy(item => item.Text.Name, StringComparer.Ordinal).ThenBy(item => item.Text.Id, StringComparer.Ordinal)
            .Select(item => item.Item),
    ];

    private int NameScore(SearchText text)
    {
        var at = text.JoinedName.IndexOf(_joined, StringComparison.Ordinal);
        if (at < 0) return 0;
        if (text.JoinedName.Length == _joined.Length) return Exact;
        if (at == 0) return Begins;
        return text.NameStarts.Any(start => string.CompareOrdinal(text.JoinedName, start, _joined, 0, _joined.Length) == 0) ? AtWord : Within;
    }

    private static int WordScore(SearchText text, string word)
    {
        if (text.NameWords.Contains(word, StringComparer.Ordinal)) return 1000;
        if (text.NameWords.Any(other => other.StartsWith(word, StringComparison.Ordinal))) return 700;
        if (text.TagWords.Contains(word)) return 500;
        // A single letter is in nearly every name.
        if (word.Length > 2 && text.JoinedName.Contains(word, StringComparison.Ordinal)) return 400;
        if (text.TagWords.Any(other => other.StartsWith(word, StringComparison.Ordinal))) return 300;
        if (text.DescriptionWords.Contains(word)) return 200;
        return word.Length > 2 && text.DescriptionWords.Any(other => other.StartsWith(word, StringComparison.Ordinal)) ? 100 : 0;
    }
}
