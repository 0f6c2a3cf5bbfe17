using System.Text.RegularExpressions;

namespace Orleans.Embedded.Tests.Conformance;

/// <summary>The public surface of Orleans, from the shared contract.</summary>
internal sealed class OrleansApi
{
    private readonly HashSet<(string Namespace, string Type, string Kind, string Text)> _members = [];
    private readonly Dictionary<(string Namespace, string Type), TypeRow> _types = [];

    private OrleansApi(IEnumerable<string> lines)
    {
        foreach (var columns in lines.Skip(1).Select(static line => line.Split('\t')))
        {
            var (ns, type, kind, text) = (columns[1], columns[2], columns[3], columns[4]);
            if (kind is "class" or "interface" or "struct" or "enum" or "record") _types[(ns, type)] = TypeRow.Parse(text);
            else _members.Add((ns, type, kind, Comparable(text)));
        }
    }

    /// <summary>Reads the contract, or skips the test where it is not there.</summary>
    public static OrleansApi Read()
    {
        var path = Find();
        if (path is null) Assert.Skip("The shared contract is not here: set GRAINFLOW_SHARED to its folder.");
        return new OrleansApi(File.ReadLines(path));
    }

    public TypeRow? Find(string ns, string type) => _types.GetValueOrDefault((ns, type));

    public bool Has(string ns, string type, string kind, string text) => _members.Contains((ns, type, kind, text));

    /// <summary>The members of a type, for a message that helps.</summary>
    public IEnumerable<string> Members(string ns, string type) =>
        from member in _members where member.Namespace == ns && member.Type == type select $"{member.Kind} {member.Text}";

    /// <summary>Reflection cannot tell T from T?, so the mark is left out for type parameters.</summary>
    private static string Comparable(string text) =>
        Regex.Replace(WithoutAttributes(text), @"\b(?<parameter>T([A-Z]\w*)?)\?", "${parameter}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private static string WithoutAttributes(string text)
    {
        while (text.StartsWith('['))
        {
            var depth = 0;
            var end = 0;
            do
            {
                if (text[end] == '[') depth++;
                if (text[end] == ']') depth--;
                end++;
            }
            while (depth > 0);
            text = text[end..].TrimStart();
        }

        return text;
    }

    private static string? Find()
    {
        const string file = "contract/orleans-api.tsv";
        if (Environment.GetEnvironmentVariable("GRAINFLOW_SHARED") is { Length: > 0 } shared) return Path.Combine(shared, file);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", file);
            if (File.Exists(path)) return path;
        }

        return null;
    }

    /// <summary>The declaration of a type.</summary>
    /// <param name="Declaration">Modifiers, kind and name.</param>
    /// <param name="Bases">The base class and all interfaces.</param>
    /// <param name="Usage">Where an attribute may stand; null for other types.</param>
    public sealed record TypeRow(string Declaration, IReadOnlySet<string> Bases, string? Usage)
    {
        public static TypeRow Parse(string text)
        {
            var usage = Regex.Match(text, @"\[AttributeUsage\((?<usage>[^)]*)\)\]", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
            var plain = WithoutAttributes(text);
            var where = plain.IndexOf(" where ", StringComparison.Ordinal);
            if (where >= 0) plain = plain[..where];
            var parts = plain.Split(" : ", 2);
            var bases = parts.Length == 1 ? [] : Split(parts[1]).ToHashSet(StringComparer.Ordinal);
            return new TypeRow(parts[0], bases, usage.Success ? usage.Groups["usage"].Value : null);
        }

        /// <summary>Splits at the commas that are not inside of type arguments.</summary>
        private static string[] Split(string list) =>
            Regex.Split(list, @",\s*(?![^<]*>)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }
}
