using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Edge;

/// <summary>A cluster whose operator has forgotten the encryption key.</summary>
public sealed class MissingKeyTests(MissingKeyTests.Server server) : IClassFixture<MissingKeyTests.Server>
{
    [Fact]
    public async Task A_page_that_needs_the_encryption_key_names_the_setting_that_is_missing()
    {
        var answer = await server.With(token: null).GetAsync("/sign-in");
        Assert.Equal(500, answer.Status);
        Assert.StartsWith("ENCRYPTION_KEY is not set.", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A process of a cluster, which takes no key from a file.</summary>
    public sealed class Server : ApiServer
    {
        private protected override void Change(Dictionary<string, string> variables)
        {
            variables.Remove("ENCRYPTION_KEY");
            variables["CLUSTER"] = "without-key";
        }
    }
}
