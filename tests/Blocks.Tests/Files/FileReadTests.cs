using System.IO.Compression;
using System.Text;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace Grainflow.Blocks.Tests.Files;

public sealed class FileReadTests
{
    private const string Block = "FileReadBlock";

    public static TheoryData<string, byte[]> Encodings() => new()
    {
        { "UTF-8 with its mark", [0xEF, 0xBB, 0xBF, .. "é1"u8] },
        { "UTF-8 without a mark", "é1"u8.ToArray() },
        { "UTF-16, little end first", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("é1")] },
        { "UTF-16, big end first", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("é1")] },
        { "UTF-32", [0xFF, 0xFE, 0, 0, .. Encoding.UTF32.GetBytes("é1")] },
        { "Latin-1", [0xE9, (byte)'1'] },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_text_is_read_by_its_mark_or_as_UTF_8_or_as_Latin_1(string encoding, byte[] content)
    {
        Assert.NotEmpty(encoding);
        Assert.Equal(["content=\"é1\""], await ReadAsync(content, "{}"));
    }

    [Theory]
    [InlineData("""{"size_limit": 2}""", "content=\"a😀\"", "content=\"b😀\"", "content=\"c\"")]
    [InlineData("""{"skip_size": 2, "size_limit": 2}""", "content=\"b😀\"", "content=\"c\"")]
    [InlineData("""{"skip_size": 9}""")]
    public async Task Sizes_count_characters_and_no_character_is_cut(string settings, params string[] expected) =>
        Assert.Equal(expected, await ReadAsync("a😀b😀c"u8.ToArray(), settings));

    [Theory]
    [InlineData("""{"delimiter": "--", "skip_rows": 1, "row_limit": 1}""", "content=\"b\"")]
    [InlineData("""{"delimiter": "--", "skip_rows": 1, "row_limit": 9}""", "content=\"b--c\"")]
    [InlineData("""{"delimiter": "--", "skip_rows": 3}""", "content=\"\"")]
    [InlineData("""{"delimiter": "--", "skip_rows": 1, "skip_size": 2}""", "content=\"c\"")]
    public async Task Rows_are_taken_between_delimiters(string settings, params string[] expected) => Assert.Equal(expected, await ReadAsync("a--b--c"u8.ToArray(), settings));

    [Fact]
    public async Task The_text_of_a_PDF_file_is_read_with_a_blank_line_between_pages()
    {
        using var builder = new PdfDocumentBuilder();
        var font = builder.AddStandard14Font(Standard14Font.Helvetica);
        foreach (var text in (string[])["First page", "Second page"]) builder.AddPage(PageSize.A4).AddText(text, 12, new PdfPoint(50, 700), font);

        Assert.Equal(["content=\"First page\\n\\nSecond page\""], await ReadAsync(builder.Build(), "{}"));
    }

    [Fact]
    public async Task A_damaged_PDF_file_is_refused_with_the_reason() =>
        Assert.StartsWith("!Execution: The PDF file cannot be read: ", Assert.Single(await ReadAsync("%PDF-1.4\nnonsense"u8.ToArray(), "{}")), StringComparison.Ordinal);

    [Fact]
    public async Task A_PDF_file_that_expands_without_end_is_refused()
    {
        Assert.Equal(["!Execution: The PDF file expands to more than 256 MB, which is the limit"], await ReadAsync(PdfOf(Zeros(megabytes: 300)), "{}"));
    }

    private static byte[] Zeros(int megabytes)
    {
        var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            for (var megabyte = 0; megabyte < megabytes; megabyte++) stream.Write(new byte[1024 * 1024]);
        return packed.ToArray();
    }

    // A file with one page, whose content is the given Flate stream.
    private static byte[] PdfOf(byte[] content)
    {
        var file = new MemoryStream();
        var offsets = new List<long>();
        Write("%PDF-1.4\n");
        Object("<< /Type /Catalog /Pages 2 0 R >>");
        Object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
        Object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << >> >>");
        offsets.Add(file.Length);
        Write($"4 0 obj\n<< /Length {content.Length} /Filter /FlateDecode >>\nstream\n");
        file.Write(content);
        Write("\nendstream\nendobj\n");
        var table = file.Length;
        Write($"xref\n0 5\n0000000000 65535 f \n{string.Concat(offsets.Select(offset => $"{offset:0000000000} 00000 n \n"))}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        return file.ToArray();

        void Write(string text) => file.Write(Encoding.ASCII.GetBytes(text));

        void Object(string body)
        {
            offsets.Add(file.Length);
            Write($"{offsets.Count} 0 obj\n{body}\nendobj\n");
        }
    }

    private static Task<List<string>> ReadAsync(byte[] content, string settings)
    {
        var run = new TestRun();
        run.Files.Files["file.bin"] = content;
        return BlockResults.RunAsync(Block, JsonValues.Object([KeyValuePair.Create("file_input", JsonValues.From("file.bin")), .. JsonValues.Parse(settings).EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value))]), run);
    }
}
