using System.Text;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Running;

namespace Grainflow.Silo.Tests;

public sealed class FileTextTests : IDisposable
{
    private const string Text = """[{"agent_file": "ü 😀.json"}]""";
    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-text-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, byte[]> Encodings => new()
    {
        { "UTF-8", Encoding.UTF8.GetBytes(Text) },
        { "UTF-8 with a mark", WithMark(new UTF8Encoding(true)) },
        { "UTF-16 LE with a mark", WithMark(new UnicodeEncoding(false, true)) },
        { "UTF-16 BE with a mark", WithMark(new UnicodeEncoding(true, true)) },
        { "UTF-32 LE with a mark", WithMark(new UTF32Encoding(false, true)) },
        { "UTF-32 BE with a mark", WithMark(new UTF32Encoding(true, true)) },
        { "UTF-16 LE", new UnicodeEncoding(false, false).GetBytes(Text) },
        { "UTF-16 BE", new UnicodeEncoding(true, false).GetBytes(Text) },
        { "UTF-32 LE", new UTF32Encoding(false, false).GetBytes(Text) },
        { "UTF-32 BE", new UTF32Encoding(true, false).GetBytes(Text) },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_file_is_read_in_the_encodings_of_editors(string encoding, byte[] content) =>
        Assert.True(Text == Encoding.UTF8.GetString(FileText.Read(File(content), "scenario")), encoding);

    public static TheoryData<byte[], string> Wrong => new()
    {
        { [], "is empty" },
        { [0xEF, 0xBB, 0xBF], "is empty" },
        { [0xFF, 0xFE], "is empty" },
        { [.. "[1,\n 22\n"u8, (byte)' ', 0xFF, (byte)']'], "is not valid UTF-8 at line 3, column 2. Save it as UTF-8." },
        { [.. "[\"gr"u8, 0xFC, .. "n\"]"u8], "is not valid UTF-8 at line 1, column 5. Save it as UTF-8." },
        { [0xEF, 0xBB, 0xBF, (byte)'[', 0xC3], "is not valid UTF-8 at line 1, column 2. Save it as UTF-8." },
        { [0xFF, 0xFE, (byte)'[', 0, (byte)']'], "is not valid UTF-16 at byte" },
        { [0xFF, 0xFE, (byte)'[', 0, 0x00, 0xD8, (byte)']', 0], "is not valid UTF-16 at byte" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_not_text_is_refused_with_its_place(byte[] content, string message) =>
        Assert.Contains(message, Assert.Throws<CliException>(() => FileText.Read(File(content), "scenario")).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_no_file_is_a_wrong_command_line()
    {
        Refused(_folder, "is a folder, not a file");
        Refused(Path.Combine(_folder, "nowhere"), "does not exist");
        Refused(Path.Combine(File([1]), "below"), "does not exist");
        Refused("/dev/zero", "is larger than 64 MB");
    }

    private static void Refused(string path, string message)
    {
        var refused = Assert.Throws<CliException>(() => FileText.Read(path, "agent"));
        Assert.Equal((ExitCodes.Usage, $"The agent '{path}' {message}."), (refused.ExitCode, refused.Message));
    }

    private static byte[] WithMark(Encoding encoding) => [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)];

    private string File(byte[] content)
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString());
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }
}
