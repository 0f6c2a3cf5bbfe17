using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Files;

public sealed class RunFileTests
{
    private const string Block = "FileStoreBlock";

    [Theory]
    [InlineData("../../etc/passwd", ".._.._etc_passwd")]
    [InlineData("/etc/passwd", "etc_passwd")]
    [InlineData("..\\..\\secret", ".._.._secret")]
    [InlineData("C:\\secret", "C__secret")]
    [InlineData("file:///etc/passwd", "file____etc_passwd")]
    [InlineData("..", "_")]
    [InlineData(".", "_")]
    [InlineData("a\tb\nc", "a_b_c")]
    public async Task A_name_never_leads_out_of_the_folder_of_the_run(string source, string looked)
    {
        var run = new TestRun();
        run.Files.Files[looked] = "x"u8.ToArray();

        Assert.Equal([$"file_out={JsonValues.Compact(JsonValues.From(looked))}"], await StoreAsync(source, run));
    }

    [Theory]
    [InlineData("https://e.test/a/..%2F..%2Fetc%2Fpasswd", ".._.._etc_passwd")]
    [InlineData("https://e.test/%2e%2e", "[0-9a-f-]{36}\\.txt")]
    [InlineData("https://e.test/", "[0-9a-f-]{36}\\.txt")]
    [InlineData("https://e.test/report.txt?x=/../y", "report\\.txt")]
    public async Task The_name_of_a_fetched_file_is_the_last_segment_cleaned(string address, string expected)
    {
        var run = new TestRun(JsonValues.Parse("""{"http": [{"status": 200, "headers": {"content-type": "text/plain"}, "body": "x"}]}"""));

        Assert.Matches($"^file_out=\"{expected}\"$", Assert.Single(await StoreAsync(address, run)));
    }

    [Theory]
    [InlineData("data:text/plain;base64,***", "!Execution: The data URI does not hold valid base64")]
    [InlineData("data:text/plain", "!Execution: Invalid data URI format. Expected data:<mime>;base64,<data>")]
    [InlineData("data:;base64,", "file_out=\"[0-9a-f-]{36}\\.bin\"")]
    [InlineData("data:application/x-unheard-of;base64,AA==", "file_out=\"[0-9a-f-]{36}\\.bin\"")]
    [InlineData("data:text/plain;charset=utf-8;base64,AA==", "file_out=\"[0-9a-f-]{36}\\.txt\"")]
    [InlineData("DATA:text/plain;BASE64,AA==", "file_out=\"[0-9a-f-]{36}\\.txt\"")]
    public async Task A_data_URI_is_stored_or_refused_with_its_reason(string source, string expected) => Assert.Matches("^" + expected + "$", Assert.Single(await StoreAsync(source, new TestRun())));

    [Fact]
    public async Task A_repeated_attempt_stores_a_data_URI_under_the_same_name()
    {
        var run = new TestRun();
        Assert.Equal(await StoreAsync("data:text/plain;base64,AA==", run), await StoreAsync("data:text/plain;base64,AA==", run));
        Assert.Single(run.Files.Files);
    }

    [Fact]
    public async Task An_upload_is_stored_in_the_run_under_a_name_that_no_other_upload_has()
    {
        var run = new TestRun();
        run.Files.Files["gcs://grainflow/uploads/users/u/0a1b2c3d-0000-4000-8000-000000000001/data.csv"] = "x"u8.ToArray();
        run.Files.Files["gcs://grainflow/uploads/users/u/1a1b2c3d-0000-4000-8000-000000000001/data.csv"] = "y"u8.ToArray();

        Assert.Equal(["file_out=\"data-0a1b2c3d.csv\""], await StoreAsync("gcs://grainflow/uploads/users/u/0a1b2c3d-0000-4000-8000-000000000001/data.csv", run));
        Assert.Equal(["file_out=\"data-1a1b2c3d.csv\""], await StoreAsync("gcs://grainflow/uploads/users/u/1a1b2c3d-0000-4000-8000-000000000001/data.csv", run));
        Assert.Equal(("x", "y"), (Text("data-0a1b2c3d.csv"), Text("data-1a1b2c3d.csv")));

        string Text(string name) => System.Text.Encoding.UTF8.GetString(run.Files.Files[name].Span);
    }

    [Theory]
    [InlineData("gcs://grainflow/uploads/users/u/0a1b2c3d-0000-4000-8000-000000000001/none.csv", "There is no file")]
    [InlineData("gcs://bucket/uploads/users/u/0a1b2c3d-0000-4000-8000-000000000001/x", "not in the store of this platform")]
    [InlineData("gcs://grainflow/uploads/users/u/../../etc/passwd", "which is not allowed")]
    public async Task What_is_no_upload_fails_the_node_with_the_reason(string source, string reason) =>
        Assert.Contains(reason, Assert.Single(await StoreAsync(source, new TestRun())), StringComparison.Ordinal);

    [Fact]
    public async Task A_server_that_has_no_such_file_fails_the_node() =>
        Assert.Equal(
            ["!Execution: The file could not be fetched: the server answered 404"],
            await StoreAsync("https://e.test/x", new TestRun(JsonValues.Parse("""{"http": [{"status": 404, "headers": {}, "body": "x"}]}"""))));

    private static Task<List<string>> StoreAsync(string source, TestRun run) => BlockResults.RunAsync(Block, JsonValues.Object(KeyValuePair.Create("file_in", JsonValues.From(source))), run);
}
