using Grainflow.Blocks.Http;

namespace Grainflow.Blocks.Tests.Http;

public sealed class OutgoingHttpOptionsTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("  ", "")]
    [InlineData("[]", "")]
    [InlineData("""["http://127.0.0.1:9000", "db.internal"]""", "http://127.0.0.1:9000|db.internal")]
    [InlineData("http://127.0.0.1:9000, db.internal:5432 ,", "http://127.0.0.1:9000|db.internal:5432")]
    public void Trusted_endpoints_are_read_from_JSON_or_from_text_with_commas(string? text, string expected) =>
        Assert.Equal(expected, string.Join('|', OutgoingHttpOptions.ParseTrustedEndpoints(text)));

    [Theory]
    [InlineData("[1]")]
    [InlineData("[")]
    [InlineData("ftp://host")]
    [InlineData("host/path")]
    [InlineData("user@host")]
    [InlineData("host:port")]
    public void What_names_no_endpoint_is_refused(string text) => Assert.Throws<FormatException>(() => OutgoingHttpOptions.ParseTrustedEndpoints(text));

    [Theory]
    [InlineData("localhost", "http://localhost:8080/x", true)]
    [InlineData("LOCALHOST", "https://localhost/", true)]
    [InlineData("localhost", "http://sub.localhost/", false)]
    [InlineData("localhost:8080", "http://localhost:8080/", true)]
    [InlineData("localhost:8080", "http://localhost:8081/", false)]
    [InlineData("localhost:80", "http://localhost/", true)]
    [InlineData("localhost:80", "https://localhost/", false)]
    [InlineData("http://127.0.0.1:9000", "http://127.0.0.1:9000/", true)]
    [InlineData("http://127.0.0.1:9000/", "https://127.0.0.1:9000/", false)]
    [InlineData("http://intranet", "http://intranet:80/", true)]
    [InlineData("http://intranet", "http://intranet:81/", false)]
    [InlineData("10.0.0.1", "http://10.0.0.1:5/", true)]
    [InlineData("::1", "http://[::1]:5/", true)]
    [InlineData("[::1]:5", "http://[::1]:5/", true)]
    [InlineData("[::1]:5", "http://[::1]:6/", false)]
    public void A_trusted_endpoint_covers_what_it_names(string endpoint, string url, bool expected) =>
        Assert.Equal(expected, TrustedEndpoint.Parse(endpoint).Covers(new Uri(url)));
}
