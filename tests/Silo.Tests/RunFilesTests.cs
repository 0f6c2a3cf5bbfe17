using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.Tests;

public sealed class RunFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_saved_file_is_read_back()
    {
        var files = new DiskRunFiles(Path.Combine(_folder, "run"));
        var name = await files.SaveAsync("a.txt", "hello"u8.ToArray(), CancellationToken.None);
        Assert.Equal("hello"u8.ToArray(), (await files.ReadAsync(name, CancellationToken.None)).ToArray());
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task A_name_that_leads_out_of_the_folder_is_refused(string name)
    {
        var files = new DiskRunFiles(Path.Combine(_folder, "run"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => files.SaveAsync(name, "x"u8.ToArray(), CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(() => files.ReadAsync(name, CancellationToken.None));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named() =>
        Assert.Contains("'none.txt'", (await Assert.ThrowsAsync<FileNotFoundException>(() => new DiskRunFiles(_folder).ReadAsync("none.txt", CancellationToken.None))).Message, StringComparison.Ordinal);
}
