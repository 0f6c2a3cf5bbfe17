using System.Text.RegularExpressions;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>What README tells its readers to save and to type.</summary>
internal static partial class Readme
{
    private static string Text { get; } = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    /// <summary>The content of a file that README says to save.</summary>
    /// <param name="name">The name of the file.</param>
    public static string Saved(string name)
    {
        var at = Text.IndexOf($"Save this as `{name}`", StringComparison.Ordinal);
        Assert.True(at >= 0, $"README does not say to save {name}.");
        return Block().Match(Text, at).Groups["content"].Value;
    }

    /// <summary>The block of commands that has a text.</summary>
    /// <param name="text">A part of the block.</param>
    public static string Commands(string text) =>
        Block().Matches(Text).Select(block => block.Groups["content"].Value).Single(block => block.Contains(text, StringComparison.Ordinal));

    [GeneratedRegex("^```[a-z]*\\n(?<content>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Block();
}
