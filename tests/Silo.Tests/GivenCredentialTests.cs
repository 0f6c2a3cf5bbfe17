using System.Collections.Immutable;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Graphs;
using Grainflow.Engine.Values;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Running;

namespace Grainflow.Silo.Tests;

/// <summary><c>--credential PROVIDER=FILE</c>.</summary>
public sealed class GivenCredentialTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-credential-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sk-1\n", "api_key", """{"api_key":"sk-1"}""")]
    [InlineData("""{"api_key": "sk-1", "title": "mine"}""", "api_key", """{"api_key":"sk-1"}""")]
    [InlineData("""{"api_key": "any", "metadata": {"base_url": "http://127.0.0.1:8080/v1"}}""", "api_key", """{"api_key":"any","metadata":{"base_url":"http://127.0.0.1:8080/v1"}}""")]
    [InlineData("""{"username": "u", "password": "p"}""", "user_password", """{"username":"u","password":"p"}""")]
    [InlineData("""{"type": "oauth2", "access_token": "t"}""", "oauth2", """{"scopes":[],"access_token":"t"}""")]
    [InlineData("""{"host": "api.example.com", "headers": {"X-Key": "k"}}""", "host_scoped", """{"host":"api.example.com","headers":{"X-Key":"k"}}""")]
    public void A_file_is_a_key_or_the_json_of_a_credential(string content, string type, string secrets)
    {
        var given = Assert.Single(GivenCredential.Read([File("openai", content)]));

        Assert.Equal(("openai", type), (given.Provider, given.Type));
        Assert.Equal($$"""{"id":"{{given.Id}}","provider":"openai","type":"{{type}}","title":"./run --credential",{{secrets[1..]}}""", JsonValues.Compact(given.ToBody()));
    }

    [Theory]
    [InlineData("two\nlines", "is not an API key on one line")]
    [InlineData("{not json", "is not valid JSON")]
    [InlineData("""{"type": "cookie"}""", "has the type 'cookie'. It is one of api_key, host_scoped, oauth2, user_password")]
    [InlineData("""{"username": "hidden"}""", "has no 'api_key'")]
    [InlineData("""{"api_key": "hidden", "colour": "hidden"}""", "has 'colour', which credentials of type api_key do not have")]
    [InlineData("""{"api_key": 7}""", "has a wrong value in 'api_key': it is a text")]
    [InlineData("""{"api_key": "hidden", "metadata": "hidden"}""", "has a wrong value in 'metadata': it is an object")]
    [InlineData("""{"access_token": "hidden", "scopes": "hidden"}""", "has a wrong value in 'scopes': it is a list of texts")]
    public void What_is_wrong_is_said_without_the_secret(string content, string reason)
    {
        var refused = Assert.Throws<CliException>(() => GivenCredential.Read([File("openai", content)]));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
    }

    [Fact]
    public void A_secret_in_the_place_of_the_file_is_not_repeated() =>
        Assert.Equal("--credential : it must be PROVIDER=FILE, and not the secret itself. See ./run --help.", Assert.Throws<CliException>(() => CliOptions.Parse(["a.json", "--credential", "sk-hidden"])).Message);

    [Fact]
    public void A_provider_is_given_once() =>
        Assert.Contains("twice for 'openai'", Assert.Throws<CliException>(() => GivenCredential.Read([File("openai", "a"), File("openai", "b")])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_given_credential_comes_before_the_one_of_the_settings()
    {
        var given = GivenCredential.Read([File("jina", "k")]);

        var masks = new CredentialMasks(new HashSet<string>(StringComparer.Ordinal) { "jina" }, given).Add(ImmutableDictionary<string, OrderedDictionary<string, System.Text.Json.JsonElement>>.Empty, Search());

        Assert.Equal(given[0].Reference.GetRawText(), masks["n"]["credentials"].GetRawText());
    }

    [Fact]
    public void A_credential_that_no_node_takes_is_refused_with_those_that_are_taken()
    {
        var refused = Assert.Throws<CliException>(() => new CredentialMasks(new HashSet<string>(StringComparer.Ordinal), GivenCredential.Read([File("jinna", "k")]))
            .Add(ImmutableDictionary<string, OrderedDictionary<string, System.Text.Json.JsonElement>>.Empty, Search()));

        Assert.Contains("no node of the agent takes credentials of 'jinna'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("jina", refused.Message.Replace("jinna", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_of_a_type_that_the_nodes_do_not_take_is_refused()
    {
        var refused = Assert.Throws<CliException>(() => new CredentialMasks(new HashSet<string>(StringComparer.Ordinal), GivenCredential.Read([File("jina", """{"username": "u", "password": "p"}""")]))
            .Add(ImmutableDictionary<string, OrderedDictionary<string, System.Text.Json.JsonElement>>.Empty, Search()));

        Assert.Contains("takes credentials of 'jina' of type api_key, not of type user_password", refused.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<GraphIndex> Search() =>
    [
        new(GraphDocument.ReadBundle("""{"id": "g", "nodes": [{"id": "n", "block_id": "87840993-2053-44b7-8da4-187ad4ee518c", "input_default": {"query": "x"}}], "links": []}"""u8).Root, new BlockCatalogue()),
    ];

    private CliInput File(string provider, string content)
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString());
        System.IO.File.WriteAllText(path, content);
        return new CliInput(provider, path, IsJson: false);
    }
}
