using Grainflow.TestSupport;

namespace Grainflow.Storage.Tests.Support;

public sealed class SharedFilesTests
{
    [Fact]
    public void A_file_that_is_absent_skips_the_test_with_its_reason()
    {
        var reason = "";
        try
        {
            SharedFiles.Contract("no such file");
        }
        catch (InvalidOperationException skip)
        {
            // Caught here and not by an assertion, which would let the skip pass.
            reason = skip.Message;
        }

        Assert.StartsWith("$XunitDynamicSkip$", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_the_contract_is_found_where_there_is_one()
    {
        Assert.True(File.Exists(SharedFiles.Contract("endpoints.tsv")));
    }
}
