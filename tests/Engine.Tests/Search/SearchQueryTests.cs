using Grainflow.Engine.Search;

namespace Grainflow.Engine.Tests.Search;

public sealed class SearchQueryTests
{
    [Theory]
    [InlineData("send email", "SendEmail GmailSend")] // The name, then its words.
    [InlineData("SENDEMAIL", "SendEmail")]
    [InlineData("send", "SendEmail SendWebRequest GmailSend")] // The begin of a name, then of a word.
    [InlineData("end email", "SendEmail GmailSend")] // Within a name.
    [InlineData("web request", "SendWebRequest")]
    [InlineData("email", "SendEmail GmailSend")] // The end of a name comes before the description.
    [InlineData("google", "GmailSend SheetsRead")] // A tag, then the begin of a tag.
    [InlineData("googles", "SheetsRead")]
    [InlineData("addresses", "GmailSend SendWebRequest")] // Only the description; equals by name.
    [InlineData("github", "GithubListIssues")] // Spelled in another way than its name.
    [InlineData("GitHub", "GithubListIssues")]
    [InlineData("how do I send an email with gmail", "GmailSend")] // A question: half of its words have to be found.
    [InlineData("nothing of this", "")]
    [InlineData("send nothing", "")]
    public void What_fits_best_comes_first(string query, string expected) => Assert.Equal(expected, string.Join(' ', new SearchQuery(query).Rank(Items, item => item).Select(item => item.Name)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" -?! ")]
    public void Without_a_word_everything_is_found_in_the_order_of_names(string? query) =>
        Assert.Equal(Items.Select(item => item.Name).Order(StringComparer.OrdinalIgnoreCase), new SearchQuery(query).Rank(Items, item => item).Select(item => item.Name));

    [Fact]
    public void Equals_are_in_the_order_of_their_ids_whatever_order_they_came_in()
    {
        var (one, two) = (new SearchText("1", "Same", "", []), new SearchText("2", "Same", "", []));
        Assert.Equal(["1", "2"], new SearchQuery("same").Rank([two, one], item => item).Select(item => item.Id));
        Assert.Equal(["1", "2"], new SearchQuery("same").Rank([one, two], item => item).Select(item => item.Id));
    }

    [Fact]
    public void An_endless_query_is_looked_at_to_its_sixteenth_word()
    {
        var query = string.Join(' ', Enumerable.Repeat("send", SearchQuery.MaxWords)) + string.Concat(Enumerable.Repeat(" nothing", 100_000));
        Assert.NotEmpty(new SearchQuery(query).Rank(Items, item => item));
    }

    private static readonly SearchText[] Items =
    [
        new("a", "SendWebRequest", "Asks addresses in the web.", ["output"]),
        new("b", "SendEmail", "Sends a message.", ["output", "smtp"]),
        new("c", "GmailSend", "Sends an email to addresses, with or without files.", ["communication", "google"]),
        new("d", "SheetsRead", "Reads a table.", ["data", "googlesheets"]),
        new("e", "GithubListIssues", "Lists what is open.", ["developer_tools", "github"]),
    ];
}
