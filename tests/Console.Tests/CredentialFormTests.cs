using System.Text.Json;
using Grainflow.WebConsole.Credentials;

namespace Grainflow.WebConsole.Tests;

public sealed class CredentialFormTests
{
    [Fact]
    public void What_is_entered_is_sent_as_the_contract_has_it()
    {
        Assert.Equal(
            """{"type":"api_key","provider":"openai","title":"Mine","api_key":"k","expires_at":1896134400}""",
            Body(new CredentialForm { Provider = "openai", Title = " Mine ", ApiKey = " k ", LastDay = "2030-01-31" }));
        Assert.Equal("""{"type":"api_key","provider":"openai","title":null,"api_key":"k","expires_at":null}""", Body(new CredentialForm { Provider = "openai", ApiKey = "k" }));
        Assert.Equal(
            """{"type":"user_password","provider":"smtp","title":null,"username":"ada","password":" p "}""",
            Body(new CredentialForm { Provider = "smtp", Kind = "user_password", Username = "ada", Password = " p " }));
        var form = new CredentialForm { Provider = "http", Kind = "host_scoped", Host = " *.example.com " };
        form.Headers[0].Name = " X-Key ";
        form.Headers[0].Value = "v";
        form.Headers.Add(new HeaderLine());
        Assert.Equal("""{"type":"host_scoped","provider":"http","title":null,"host":"*.example.com","headers":{"X-Key":"v"}}""", Body(form));

        string Body(CredentialForm given)
        {
            Assert.Null(given.Problem());
            return JsonSerializer.Serialize(given.Body());
        }
    }

    [Fact]
    public void What_is_missing_is_told()
    {
        Assert.Equal("Choose a provider.", new CredentialForm().Problem());
        Assert.Equal("The API key is needed.", new CredentialForm { Provider = "p" }.Problem());
        Assert.Equal("Write the last day as 2026-01-31, or leave it empty.", new CredentialForm { Provider = "p", ApiKey = "k", LastDay = "tomorrow" }.Problem());
        Assert.Equal("User name and password are needed.", new CredentialForm { Provider = "p", Kind = "user_password", Username = "u" }.Problem());
        Assert.Null(new CredentialForm { Provider = "p", Kind = "oauth2" }.Problem());

        var hosted = new CredentialForm { Provider = "p", Kind = "host_scoped" };
        Assert.StartsWith("The host is needed", hosted.Problem(), StringComparison.Ordinal);
        hosted.Host = "example.com";
        Assert.Equal("At least one header is needed.", hosted.Problem());
        hosted.Headers[0].Name = "A";
        Assert.Equal("Each header needs a value.", hosted.Problem());
        hosted.Headers[0].Value = "1";
        hosted.Headers.Add(new HeaderLine { Name = "a", Value = "2" });
        Assert.Equal("The header A is there twice.", hosted.Problem());
    }

    [Fact]
    public void Nothing_secret_is_left_when_it_is_cleared()
    {
        var form = new CredentialForm { Provider = "p", Title = "t", ApiKey = "1", Username = "2", Password = "3" };
        form.Headers[0].Value = "4";
        form.Clear();

        Assert.Equal(("", "", ""), (form.ApiKey, form.Username, form.Password));
        Assert.Equal("", Assert.Single(form.Headers).Value);
    }

    [Fact]
    public void The_kinds_are_those_of_the_provider_or_all_that_can_be_entered()
    {
        Assert.Equal(["oauth2"], CredentialForm.Kinds(["oauth2"]));
        Assert.Equal(["api_key", "user_password", "host_scoped"], CredentialForm.Kinds([]));
    }

    [Fact]
    public void A_login_names_scopes_and_the_credential_that_it_renews()
    {
        var form = new CredentialForm { Provider = "github", Kind = "oauth2", Scopes = "repo, user:email" };
        Assert.Null(form.Problem());
        Assert.Equal(new LoginStart("github", "/api/integrations/github/login?scopes=repo%2Cuser%3Aemail", McpServer: null), form.Login());
        Assert.Equal("/api/integrations/github/login?scopes=&credential_id=1", LoginStart.At("github", "", "1").Target);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("mcp.example.com", false)]
    [InlineData("ftp://mcp.example.com/mcp", false)]
    [InlineData(" https://mcp.example.com/mcp ", true)]
    public void A_login_at_an_MCP_server_needs_its_address(string address, bool begins)
    {
        var form = new CredentialForm { Provider = "mcp", Kind = "oauth2", Server = address };
        Assert.Equal(begins, form.Problem() is null);
        if (begins) Assert.Equal(new LoginStart("mcp", "/api/mcp/oauth/login", "https://mcp.example.com/mcp"), form.Login());
        // A token that the user has is entered as an API key, and names no server.
        Assert.False(new CredentialForm { Provider = "mcp", Kind = "api_key" }.IsMcpLogin);
    }
}
