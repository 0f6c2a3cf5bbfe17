using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Grainflow.Gateway.Tests.Support;

namespace Grainflow.Gateway.Tests.Files;

/// <summary>The section Files of the contract, over REST, and uploads in runs.</summary>
public sealed class UploadTests(UploadTests.Server server) : IClassFixture<UploadTests.Server>
{
    private const string FileRead = "3735a31f-7e18-4aca-9e90-08a7120674bc";
    private const string FileInput = "95ead23f-8283-4654-aef3-10c053b74a31";

    private readonly string _id = Guid.NewGuid().ToString();

    private ApiClient User => server.For(_id);

    [Fact]
    public async Task An_upload_is_answered_with_its_reference_and_read_by_a_run_of_its_user()
    {
        var answer = await UploadAsync(User, Form("hello", "notes.txt"), "?expiration_hours=2");

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal(["file_uri", "file_name", "size", "content_type", "expires_in_hours"], answer.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("notes.txt", 5, "text/plain", 2), (answer.Json.Text("file_name"), answer.Json.GetProperty("size").GetInt32(), answer.Json.Text("content_type"), answer.Json.GetProperty("expires_in_hours").GetInt32()));
        var reference = answer.Json.Text("file_uri")!;
        Assert.StartsWith($"gcs://grainflow/uploads/users/{_id}/", reference, StringComparison.Ordinal);

        var graph = await User.CreateAsync(new TestGraph("Reader").Node("in", FileInput, new JsonObject { ["name"] = "file" }).Node("read", FileRead).Node("out", TestGraph.Output, "text")
            .Link("in", "result", "read", "file_input").Link("read", "content", "out", "value"));
        var run = await User.EndAsync(await User.ExecuteAsync(graph, new JsonObject { ["inputs"] = new JsonObject { ["file"] = reference } }));
        Assert.Equal("""{"text":["hello"]}""", run.GetProperty("outputs").GetRawText());
    }

    [Fact]
    public async Task Another_user_cannot_read_it()
    {
        var reference = (await UploadAsync(User, Form("secret"))).Json.Text("file_uri")!;
        var thief = Guid.NewGuid().ToString();

        Assert.Equal("""{"content":["secret"]}""", (await ReadAsync(User, reference)).Text);
        foreach (var asked in new[] { reference, reference.Replace(_id, thief, StringComparison.Ordinal) })
        {
            var answer = await ReadAsync(server.For(thief), asked);
            answer.IsError(400);
            Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
            Assert.Contains("You have no upload", answer.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_name_leads_nowhere_and_the_type_has_a_default()
    {
        var form = Form("x", "../../etc/pass:wd", type: null);

        var answer = (await UploadAsync(User, form)).Json;

        Assert.Equal((".._.._etc_pass_wd", "application/octet-stream", 24), (answer.Text("file_name"), answer.Text("content_type"), answer.GetProperty("expires_in_hours").GetInt32()));
        Assert.Equal("""{"content":["x"]}""", (await ReadAsync(User, answer.Text("file_uri")!)).Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(49)]
    public async Task It_is_kept_for_1_to_48_hours(int hours)
    {
        var answer = await UploadAsync(User, Form("x"), $"?expiration_hours={hours}");
        answer.IsDetail(400);
        Assert.Contains("between 1 and 48", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(["int_parsing query.expiration_hours"], (await UploadAsync(User, Form("x"), "?expiration_hours=soon")).Problems());
    }

    [Fact]
    public async Task Another_provider_is_refused() => (await UploadAsync(User, Form("x"), "?provider=s3")).IsError(400);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_too_large_is_refused_with_the_limit_whether_its_length_is_told_or_not(bool chunked)
    {
        var form = Form(new string('x', (Server.Megabytes * 1024 * 1024) + 1));

        var answer = await UploadAsync(User, form, chunked: chunked);

        answer.IsDetail(400);
        // Clients read the limit from this text.
        Assert.Matches(@"maximum allowed size of 2MB", answer.Detail);
    }

    [Fact]
    public async Task The_largest_file_is_taken() => Assert.Equal(200, (await UploadAsync(User, Form(new string('x', Server.Megabytes * 1024 * 1024)))).Status);

    [Fact]
    public async Task A_form_without_a_file_is_refused_by_its_place()
    {
        Assert.Equal(["missing body.file"], (await UploadAsync(User, new MultipartFormDataContent { { new StringContent("x"), "other" } })).Problems());
        Assert.Equal(["value_error body.file"], (await UploadAsync(User, new MultipartFormDataContent { { new StringContent("x"), "file" } })).Problems());
        Assert.Equal(["missing body.file"], (await User.PostAsync("/api/files/upload", new JsonObject())).Problems());
        Assert.Equal(401, (await UploadAsync(server.With(null), Form("x"))).Status);
        (await UploadAsync(User, Raw("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf", "multipart/form-data; boundary=b"))).IsDetail(400);
        (await UploadAsync(User, Raw("x", "multipart/form-data"))).IsDetail(400);
    }

    [Fact]
    public async Task An_upload_that_is_sent_again_is_stored_once()
    {
        var first = await UploadAsync(User, Form("x"), key: "key");
        var again = await UploadAsync(User, Form("x"), key: "key");
        var other = await UploadAsync(User, Form("y"), key: "key");

        Assert.Equal((200, first.Text), (again.Status, again.Text));
        Assert.Equal(422, other.Status);
    }

    private static MultipartFormDataContent Form(string text, string name = "a.txt", string? type = "text/plain")
    {
        var file = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        if (type is not null) file.Headers.ContentType = new MediaTypeHeaderValue(type);
        // As browsers write it: in UTF-8, and with a quotation mark in percent encoding.
        file.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"file\"; filename=\"{name}\"");
        return new MultipartFormDataContent { file };
    }

    private static StringContent Raw(string text, string type)
    {
        var content = new StringContent(text);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    private static Task<Answer> UploadAsync(ApiClient user, HttpContent form, string query = "", string? key = null, bool chunked = false) => user.SendAsync(HttpMethod.Post, "/api/files/upload" + query, body: null, request =>
    {
        request.Content = form;
        request.Headers.ExpectContinue = true;
        if (chunked) request.Headers.TransferEncodingChunked = true;
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
    });

    private static Task<Answer> ReadAsync(ApiClient user, string reference) => user.PostAsync($"/api/blocks/{FileRead}/execute", new JsonObject { ["file_input"] = reference });

    public sealed class Server : ApiServer
    {
        public const int Megabytes = 2;

        private protected override void Change(Dictionary<string, string> variables) => variables["UPLOAD_FILE_SIZE_LIMIT_MB"] = "2";
    }
}
