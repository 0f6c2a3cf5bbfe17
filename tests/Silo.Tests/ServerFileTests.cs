using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.Tests;

public sealed class ServerFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-server-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_was_written_is_read()
    {
        ServerFile.Write(_folder, "http://[::1]:8000");
        Assert.Equal(("http://[::1]:8000", Environment.ProcessId), (ServerFile.Read(_folder)!.Url, ServerFile.Read(_folder)!.ProcessId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"Url": null, "ProcessId": 1}""")]
    [InlineData("""{"Url": "here", "ProcessId": 1}""")]
    [InlineData("""{"Url": "file:///etc/passwd", "ProcessId": 1}""")]
    public void A_file_without_an_address_names_no_server(string content)
    {
        File.WriteAllText(Path.Combine(_folder, "server.json"), content);
        Assert.Null(ServerFile.Read(_folder));
    }

    [Fact]
    public void A_folder_that_is_not_there_has_no_file()
    {
        var missing = Path.Combine(_folder, "missing");
        ServerFile.Remove(missing);
        Assert.Null(ServerFile.Read(missing));
    }
}
