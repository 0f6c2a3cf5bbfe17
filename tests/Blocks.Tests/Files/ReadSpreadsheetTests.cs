using System.IO.Compression;
using System.Text;
using Grainflow.Blocks.Tests.Fakes;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Tests.Files;

public sealed class ReadSpreadsheetTests
{
    private const string Block = "ReadSpreadsheetBlock";

    [Theory]
    [InlineData("a,b\n\"x\n", """rows=[{"a":"x"}]""")]
    [InlineData("a,b\n\"x\"y,2", """rows=[{"a":"xy","b":"2"}]""")]
    [InlineData("a,b\nx\"y,2", """rows=[{"a":"x\"y","b":"2"}]""")]
    [InlineData("a,b\n\"x\\\"y\",2", """rows=[{"a":"x\"y","b":"2"}]""")]
    [InlineData("a,b\n,", """rows=[{"a":"","b":""}]""")]
    [InlineData("a,b\r1,2\r3,4", """rows=[{"a":"1","b":"2"},{"a":"3","b":"4"}]""")]
    [InlineData("a\nx\\", """rows=[{"a":"x"}]""")]
    [InlineData("a\nx\\\ny", """rows=[{"a":"x\ny"}]""")]
    [InlineData("\n1,2", """rows=[{"0":"1","1":"2"}]""")]
    public async Task Delimited_text_is_read_as_Python_reads_it(string contents, string expected) => Assert.Equal([expected], await ReadAsync(contents, "{}"));

    [Theory]
    [InlineData("""{"skip_columns": ["b"]}""", """rows=[{"a":"1","c":"3"}]""")]
    [InlineData("""{"skip_columns": ["0", "c"]}""", """rows=[{"b":"2"}]""")]
    [InlineData("""{"has_header": false, "skip_columns": ["2"]}""", """rows=[{"0":"a","1":"b"},{"0":"1","1":"2"}]""")]
    [InlineData("""{"quotechar": "", "escapechar": ""}""", """rows=[{"a":"1","b":"2","c":"3"}]""")]
    [InlineData("""{"delimiter": ""}""", "!Execution: 'delimiter' must be one character")]
    [InlineData("""{"quotechar": "<<"}""", "!Execution: 'quotechar' must be one character")]
    public async Task Settings_are_followed_or_refused_by_name(string settings, string expected) => Assert.Equal([expected], await ReadAsync("a,b,c\n1,2,3", settings));

    [Fact]
    public async Task Columns_of_an_Excel_file_are_written_as_pandas_writes_them()
    {
        var file = Xlsx(
            """
            <row r="1"><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>whole</t></is></c><c t="inlineStr"><is><t>gaps</t></is></c><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>day</t></is></c></row>
            <row r="2"><c t="inlineStr"><is><t>007</t></is></c><c><v>1</v></c><c><v>1</v></c><c t="b"><v>1</v></c><c s="1"><v>45292</v></c></row>
            <row r="3"><c t="inlineStr"><is><t>NA</t></is></c><c><v>2</v></c><c r="D3" t="b"><v>0</v></c><c s="1"><v>45293</v></c></row>
            """);

        Assert.Equal(
            ["""rows=[{"name":"007","whole":"1","gaps":"1.0","name.1":"True","day":"2024-01-01"},{"name":"NA","whole":"2","gaps":"","name.1":"False","day":"2024-01-02"}]"""],
            await ReadAsync(file, "book.xlsx"));
    }

    [Fact]
    public async Task An_old_Excel_file_is_read()
    {
        // BIFF 2: beginning of a sheet, three cells, end (MS-XLS gives the records of later versions; OpenOffice's description of the format has these).
        var file = new MemoryStream();
        Record(0x0009, 2, 0, 0x10, 0);
        Record(0x0004, [0, 0, 0, 0, 0, 0, 0, 1, (byte)'n']);
        Record(0x0003, [1, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(2.5)]);
        Record(0x0003, [2, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(4.0)]);
        Record(0x000A);

        Assert.Equal(["""rows=[{"n":"2.5"},{"n":"4.0"}]"""], await ReadAsync(file.ToArray(), "old.xls"));

        void Record(ushort id, params byte[] body)
        {
            file.Write(BitConverter.GetBytes(id));
            file.Write(BitConverter.GetBytes((ushort)body.Length));
            file.Write(body);
        }
    }

    [Fact]
    public async Task An_archive_that_expands_without_end_is_refused()
    {
        var file = Bomb(megabytes: 300);

        Assert.InRange(file.Length, 1, 1024 * 1024);
        Assert.Equal(["!Execution: The Excel file expands to more than 256 MB, which is the limit"], await ReadAsync(file, "bomb.xlsx"));
    }

    private static byte[] Bomb(int megabytes)
    {
        var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        using (var sheet = archive.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.SmallestSize).Open())
        {
            var blanks = Encoding.ASCII.GetBytes(new string(' ', 1024 * 1024));
            for (var megabyte = 0; megabyte < megabytes; megabyte++) sheet.Write(blanks);
        }

        return file.ToArray();
    }

    [Fact]
    public async Task An_entity_in_a_part_of_an_Excel_file_is_not_expanded()
    {
        var file = Xlsx("""<row r="1"><c t="inlineStr"><is><t>&a;</t></is></c></row>""", """<!DOCTYPE x [<!ENTITY a "aaaa">]>""");
        Assert.StartsWith("!Execution: Failed to read Excel file: ", Assert.Single(await ReadAsync(file, "entity.xlsx")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_very_many_cells_share_is_refused_before_it_is_written()
    {
        var cells = string.Concat(Enumerable.Repeat("""<c t="s"><v>0</v></c>""", 400));
        var file = Xlsx($"""<row r="1">{cells}</row>""", shared: new string('x', 100_000));
        Assert.Equal(["!Execution: The output would have more than 33554432 characters, which is the limit"], await ReadAsync(file, "shared.xlsx"));
    }

    [Fact]
    public async Task Long_names_over_very_many_empty_rows_are_refused_before_they_are_written()
    {
        var contents = $"{new string('n', 10_000)}\n{string.Concat(Enumerable.Repeat("x\n", 10_000))}";
        Assert.Equal(["!Execution: The output would have more than 33554432 characters, which is the limit"], await ReadAsync(contents, "{}"));
    }

    [Theory]
    [InlineData("no.xlsx", "not a workbook")]
    [InlineData("zip.bin", "PK\u0003\u0004 and nothing more")]
    public async Task A_file_that_is_no_workbook_is_refused_with_the_reason(string name, string content) =>
        Assert.StartsWith("!Execution: Failed to read Excel file: ", Assert.Single(await ReadAsync(Encoding.Latin1.GetBytes(content), name)), StringComparison.Ordinal);

    private static byte[] Xlsx(string rows, string doctype = "", string shared = "")
    {
        var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            const string Sheets = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
            const string Links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
            const string Package = "http://schemas.openxmlformats.org/package/2006/relationships";
            Add("_rels/.rels", $"""<Relationships xmlns="{Package}"><Relationship Id="r1" Type="{Links}/officeDocument" Target="xl/workbook.xml"/></Relationships>""");
            Add("xl/workbook.xml", $"""<workbook xmlns="{Sheets}" xmlns:r="{Links}"><sheets><sheet name="one" sheetId="1" r:id="r1"/></sheets></workbook>""");
            Add(
                "xl/_rels/workbook.xml.rels",
                $"""<Relationships xmlns="{Package}"><Relationship Id="r1" Type="{Links}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{Links}/styles" Target="styles.xml"/><Relationship Id="r3" Type="{Links}/sharedStrings" Target="sharedStrings.xml"/></Relationships>""");
            Add("xl/styles.xml", $"""<styleSheet xmlns="{Sheets}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>""");
            Add("xl/sharedStrings.xml", $"""<sst xmlns="{Sheets}"><si><t>{shared}</t></si></sst>""");
            Add("xl/worksheets/sheet1.xml", $"""{doctype}<worksheet xmlns="{Sheets}"><sheetData>{rows}</sheetData></worksheet>""");

            void Add(string name, string xml)
            {
                using var entry = new StreamWriter(archive.CreateEntry(name).Open());
                entry.Write(xml);
            }
        }

        return file.ToArray();
    }

    private static Task<List<string>> ReadAsync(string contents, string settings) =>
        BlockResults.RunAsync(Block, JsonValues.Object([KeyValuePair.Create("contents", JsonValues.From(contents)), .. JsonValues.Parse(settings).EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value))]));

    private static Task<List<string>> ReadAsync(byte[] content, string name)
    {
        var run = new TestRun();
        run.Files.Files[name] = content;
        return BlockResults.RunAsync(Block, JsonValues.Object(KeyValuePair.Create("file_input", JsonValues.From(name))), run);
    }
}
