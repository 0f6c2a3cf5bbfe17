namespace Grainflow.Blocks.Tests.Integrations;

public sealed class AirtableTests
{
    private const string Api = "https://api.airtable.com/v0";

    private const string Schema =
        """{"tables": [{"id": "tbl1", "name": "People", "fields": [{"id": "f1", "name": "Name", "type": "singleLineText"}, {"id": "f2", "name": "Done", "type": "checkbox"}, {"id": "f3", "name": "Kind", "type": "singleSelect", "options": {"choices": [{"name": "a"}, {"name": "b"}]}}]}]}""";

    private const string Table = "\"base_id\": \"app1\", \"table_id_or_name\": \"People\"";

    [Fact]
    public async Task A_page_of_records_has_all_fields_and_the_way_to_the_next()
    {
        var run = VendorRun.Of("""{"records": [{"id": "rec1", "createdTime": "t", "fields": {"Name": "Ada"}}], "offset": "itr/2"}""", Schema);

        Assert.Equal(
            [
                """records=[{"id":"rec1","createdTime":"t","fields":{"Name":"Ada","Done":false,"Kind":null}}]""",
                "offset=\"itr/2\"",
                """field_metadata={"Name":{"type":"singleLineText","id":"f1"},"Done":{"type":"checkbox","id":"f2"},"Kind":{"type":"singleSelect","id":"f3","choices":["a","b"]}}""",
            ],
            await run.RunAsync("AirtableListRecordsBlock", $$"""{ {{Table}}, "filter_formula": "{Done}", "sort": [{"field": "Name", "direction": "desc"}], "max_records": 5, "page_size": 500, "offset": "itr/1", "return_fields": ["Name"], "include_field_metadata": true}"""));
        Assert.Equal(
            [
                $"GET {Api}/app1/People?filterByFormula=%7BDone%7D&maxRecords=5&pageSize=100&offset=itr%2F1&sort%5B0%5D%5Bfield%5D=Name&sort%5B0%5D%5Bdirection%5D=desc&fields%5B%5D=Name",
                $"GET {Api}/meta/bases/app1/tables",
            ],
            run.Sent());
    }

    [Fact]
    public async Task Records_are_as_the_vendor_has_them_when_that_is_asked_for() =>
        Assert.Equal(
            ["id=\"rec1\"", """fields={"Name":"Ada"}""", "created_time=\"t\""],
            await VendorRun.Of("""{"id": "rec1", "createdTime": "t", "fields": {"Name": "Ada"}}""").RunAsync("AirtableGetRecordBlock", $$"""{ {{Table}}, "record_id": "rec1", "normalize_output": false}"""));

    [Fact]
    public async Task Records_are_created_ten_at_a_time_and_a_failure_says_how_many_there_are()
    {
        var records = string.Join(',', Enumerable.Range(0, 12).Select(n => $$"""{"Name": "n{{n}}"}"""));
        var created = string.Join(',', Enumerable.Range(0, 10).Select(n => $$$"""{"id": "r{{{n}}}", "fields": {}}"""));
        var run = VendorRun.Of($$"""{"records": [{{created}}]}""", """{"records": [{"id": "r10", "fields": {}}, {"id": "r11", "fields": {}}]}""");

        var outputs = await run.RunAsync("AirtableCreateRecordsBlock", $$"""{ {{Table}}, "records": [{{records}}], "skip_normalization": true, "typecast": true}""");
        Assert.Contains("\"id\":\"r11\"", Assert.Single(outputs), StringComparison.Ordinal);
        Assert.Equal($$$"""POST {{{Api}}}/app1/People {"records":[{"fields":{"Name":"n10"}},{"fields":{"Name":"n11"}}],"typecast":true}""", run.Sent()[1]);

        run = VendorRun.Of($$"""{"records": [{{created}}]}""", """{"status": 422, "body": {"error": {"type": "INVALID", "message": "bad cell"}}}""");
        Assert.Equal(
            ["!Execution: Airtable answered 422: bad cell. Before that, 10 of 12 records were written"],
            await run.RunAsync("AirtableCreateRecordsBlock", $$"""{ {{Table}}, "records": [{{records}}]}"""));
    }

    [Fact]
    public async Task Records_are_changed_and_deleted()
    {
        var run = VendorRun.Of("""{"records": [{"id": "r1", "fields": {"Name": "B"}}]}""", """{"records": [{"id": "r1", "deleted": true}]}""");

        Assert.Equal(["""records=[{"id":"r1","fields":{"Name":"B"}}]"""], await run.RunAsync("AirtableUpdateRecordsBlock", $$$"""{ {{{Table}}}, "records": [{"id": "r1", "fields": {"Name": "B"}}]}"""));
        Assert.Equal(["""records=[{"id":"r1","deleted":true}]"""], await run.RunAsync("AirtableDeleteRecordsBlock", $$"""{ {{Table}}, "record_ids": ["r1"]}"""));
        Assert.Equal(
            [$$$"""PATCH {{{Api}}}/app1/People {"records":[{"id":"r1","fields":{"Name":"B"}}],"returnFieldsByFieldId":false}""", $"DELETE {Api}/app1/People?records%5B%5D=r1"],
            run.Sent());
        Assert.Equal(
            ["!Execution: Only upto 10 record IDs can be deleted at a time"],
            await VendorRun.Of().RunAsync("AirtableDeleteRecordsBlock", $$"""{ {{Table}}, "record_ids": ["1","2","3","4","5","6","7","8","9","10","11"]}"""));
    }

    [Fact]
    public async Task A_base_is_found_on_a_later_page_and_not_created_again()
    {
        var run = VendorRun.Of("""{"bases": [{"id": "app1", "name": "Other"}], "offset": "o2"}""", """{"bases": [{"id": "app2", "name": "Mine"}]}""", Schema);

        var outputs = await run.RunAsync("AirtableCreateBaseBlock", """{"workspace_id": "w1", "name": "Mine"}""");
        Assert.Equal(["base_id=\"app2\"", "was_created=false"], outputs.Take(2));
        Assert.Equal([$"GET {Api}/meta/bases", $"GET {Api}/meta/bases?offset=o2", $"GET {Api}/meta/bases/app2/tables"], run.Sent());
    }

    [Fact]
    public async Task A_base_is_created_with_its_tables()
    {
        var run = VendorRun.Of("""{"id": "app3", "tables": [{"id": "tbl1"}]}""");

        Assert.Equal(
            ["base_id=\"app3\"", "was_created=true", """tables=[{"id":"tbl1"}]""", """table={"id":"tbl1"}"""],
            await run.RunAsync("AirtableCreateBaseBlock", """{"workspace_id": "w1", "name": "Mine", "find_existing": false, "tables": [{"name": "T", "fields": []}]}"""));
        Assert.Equal([$$"""POST {{Api}}/meta/bases {"name":"Mine","workspaceId":"w1","tables":[{"name":"T","fields":[]}]}"""], run.Sent());
    }

    [Fact]
    public async Task Bases_and_tables_are_listed()
    {
        Assert.Equal(["""bases=[{"id":"app1"}]""", "offset=null"], await VendorRun.Of("""{"bases": [{"id": "app1"}]}""").RunAsync("AirtableListBasesBlock", "{}"));
        Assert.Equal(["""base_schema={"tables":[]}""", "tables=[]"], await VendorRun.Of("""{"tables": []}""").RunAsync("AirtableListSchemaBlock", """{"base_id": "app1"}"""));
        Assert.Equal(
            ["!Execution: Table 'Pets' not found in base 'app1'"],
            await VendorRun.Of("""{"records": []}""", Schema).RunAsync("AirtableListRecordsBlock", """{"base_id": "app1", "table_id_or_name": "Pets"}"""));
    }
}
