using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Tests.Fakes;

namespace Grainflow.Blocks.Tests.Contract;

public sealed class BlockReferenceTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void The_page_shows_the_blocks_as_they_are() =>
        Assert.True(
            File.ReadAllText(Path.Combine(Root, "docs", "blocks.md")) == BlockReference.Write(new BlockCatalogue().Blocks.Select(block => block.Definition)),
            "docs/blocks.md is not that of this program: ./run --list-blocks > docs/blocks.md");

    [Fact]
    public void The_guide_shows_its_examples_as_they_are()
    {
        var guide = File.ReadAllText(Path.Combine(Root, "docs", "writing-blocks.md"));
        foreach (var file in (string[])["Data/GetListItemBlock.cs", "Integrations/Jina/SearchTheWebBlock.cs"])
        {
            Assert.Contains($"`src/Blocks/{file}`, whole:\n\n```csharp\n", guide, StringComparison.Ordinal);
            Assert.Contains(File.ReadAllText(Path.Combine(Root, "src", "Blocks", file)), guide, StringComparison.Ordinal);
        }
    }

    // What the guide says of its example and of the way to test it.
    [Fact]
    public async Task The_example_of_the_guide_does_what_the_guide_says()
    {
        Assert.Equal(["item=1"], await BlockResults.RunAsync("GetListItemBlock", """{"list": [1], "index": 0}"""));
        Assert.Equal(["!Execution: Index out of range"], await BlockResults.RunAsync("GetListItemBlock", """{"list": [1], "index": 1}"""));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside of the repository.");
    }
}
