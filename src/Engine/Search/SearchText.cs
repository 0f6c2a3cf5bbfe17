using System.Text;

namespace Grainflow.Engine.Search;

/// <summary>A thing that is searched for, in the form in which it is compared. Case, punctuation and the spelling of names (<c>AITextGenerator</c>, <c>ai text generator</c>) do not matter.</summary>
public sealed class SearchText
{
    /// <summary>Prepares a thing.</summary>
    /// <param name="id">Its id, which decides between equals.</param>
    /// <param name="name">Its name, as people or as programs write it.</param>
    /// <param name="description">What it does.</param>
    /// <param name="tags">Further words for it, such as its categories and providers.</param>
    public SearchText(string id, string name, string description, IEnumerable<string> tags)
    {
        (Id, Name) = (id, name);
        NameWords = Words(name, splitsNames: true);
        DescriptionWords = Words(description, splitsNames: false).ToHashSet(StringComparer.Ordinal);
        TagWords = tags.SelectMany(tag => Words(tag, splitsNames: false)).ToHashSet(StringComparer.Ordinal);
        JoinedName = string.Concat(NameWords);
        JoinedDescription = string.Join(' ', Words(description, splitsNames: false));
        var starts = new List<int>();
        var at = 0;
        foreach (var word in NameWords)
        {
            starts.Add(at);
            at += word.Length;
        }

        NameStarts = starts;
    }

    /// <summary>The id.</summary>
    public string Id { get; }

    /// <summary>The name as it was given.</summary>
    public string Name { get; }

    internal IReadOnlyList<string> NameWords { get; }

    internal IReadOnlySet<string> DescriptionWords { get; }

    internal IReadOnlySet<string> TagWords { get; }

    /// <summary>The words of the name without anything between them.</summary>
    internal string JoinedName { get; }

    internal string JoinedDescription { get; }

    /// <summary>Where the words begin in <see cref="JoinedName"/>.</summary>
    internal IReadOnlyList<int> NameStarts { get; }

    /// <summary>The words of a text in lower case: runs of letters and digits.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="splitsNames">Whether <c>AITextGenerator</c> is three words.</param>
    internal static IReadOnlyList<string> Words(string text, bool splitsNames)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                Flush();
                continue;
            }

            if (splitsNames && word.Length > 0 && char.IsUpper(text[i]) && (char.IsLower(text[i - 1]) || (i + 1 < text.Length && char.IsLower(text[i + 1]) && char.IsLetter(text[i - 1])))) Flush();
            word.Append(char.ToLowerInvariant(text[i]));
        }

        Flush();
        return words;

        void Flush()
        {
            if (word.Length == 0) return;
            words.Add(word.ToString());
            word.Clear();
        }
    }
}
