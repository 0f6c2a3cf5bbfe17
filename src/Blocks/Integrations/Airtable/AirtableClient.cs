using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

/// <summary>The bases of Airtable that the credential reaches.</summary>
/// <param name="context">The node execution.</param>
internal sealed class AirtableClient(BlockContext context)
{
    // The most records that the vendor takes in one request.
    private const int BatchSize = 10;

    private const int MostPages = 100;

    private static readonly Vendor Vendor = new("airtable", "Airtable", "https://api.airtable.com");

    private readonly ApiClient _client = new(Vendor, context);

    /// <summary>A page of bases, as the vendor answers.</summary>
    /// <param name="offset">The page after the first, or null.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public Task<JsonElement> BasesAsync(string? offset, CancellationToken cancellationToken) =>
        _client.GetAsync("/v0/meta/bases" + ApiRequest.Query(("offset", offset)), cancellationToken);

    /// <summary>The id of the base of that name, or null when there is none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">A request failed.</exception>
    public async Task<string?> FindBaseAsync(string name, CancellationToken cancellationToken)
    {
        string? offset = null;
        for (var page = 0; page < MostPages; page++)
        {
            var answer = await BasesAsync(offset, cancellationToken);
            var found = _client.NeedItems(answer, "bases").FirstOrDefault(one => one.Text("name") == name);
            if (found.Text("id") is { } id) return id;
            offset = answer.Text("offset");
            if (offset is null) return null;
        }

        return null;
    }

    /// <summary>Creates a base, and returns it with its tables as the vendor has it.</summary>
    /// <param name="workspaceId">The workspace.</param>
    /// <param name="name">The name.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<(string Id, IReadOnlyList<JsonElement> Tables)> CreateBaseAsync(string workspaceId, string name, JsonElement tables, CancellationToken cancellationToken)
    {
        var answer = await _client.PostAsync("/v0/meta/bases", new { name, workspaceId, tables }, cancellationToken);
        return (_client.NeedText(answer, "id"), [.. answer.Items("tables")]);
    }

    /// <summary>The tables of a base with their fields, as the vendor answers.</summary>
    /// <param name="baseId">The base.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed, or the answer has no tables.</exception>
    public async Task<(JsonElement Schema, IReadOnlyList<JsonElement> Tables)> SchemaAsync(string baseId, CancellationToken cancellationToken)
    {
        var answer = await _client.GetAsync($"/v0/meta/bases/{ApiRequest.Segment(baseId, "base_id")}/tables", cancellationToken);
        return (answer, _client.NeedItems(answer, "tables"));
    }

    /// <summary>The fields of a table.</summary>
    /// <param name="baseId">The base.</param>
    /// <param name="table">The id or the name of the table.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed, or there is no such table.</exception>
    public async Task<TableFields> FieldsAsync(string baseId, string table, CancellationToken cancellationToken)
    {
        var (_, tables) = await SchemaAsync(baseId, cancellationToken);
        var found = tables.FirstOrDefault(one => one.Text("id") == table || one.Text("name") == table);
        return found.ValueKind == JsonValueKind.Object ? new TableFields([.. found.Items("fields")]) : throw new BlockException($"Table '{table}' not found in base '{baseId}'");
    }

    /// <summary>A page of the records of a table.</summary>
    /// <param name="input">What is asked for.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed, or the answer has no records.</exception>
    public async Task<(IReadOnlyList<JsonElement> Records, string? Offset)> ListAsync(AirtableListRecordsBlock.Input input, CancellationToken cancellationToken)
    {
        var sorting = input.Sort.EnumerateArray().SelectMany((rule, index) => rule.EnumerateObject().Select(member => ($"sort[{index.ToString(CultureInfo.InvariantCulture)}][{member.Name}]", (string?)PythonText.Str(member.Value))));
        var answer = await _client.GetAsync(PathOf(input.BaseId, input.TableIdOrName) + ApiRequest.Query(
        [
            ("filterByFormula", NotEmpty(input.FilterFormula)),
            ("view", NotEmpty(input.View)),
            ("maxRecords", NotZero(input.MaxRecords)),
            ("pageSize", NotZero(Math.Min(input.PageSize, 100))),
            ("offset", NotEmpty(input.Offset)),
            .. sorting,
            .. input.ReturnFields.Select(field => ("fields[]", (string?)field)),
        ]), cancellationToken);
        return (_client.NeedItems(answer, "records"), answer.Text("offset"));
    }

    /// <summary>A record as the vendor has it.</summary>
    /// <param name="baseId">The base.</param>
    /// <param name="table">The id or the name of the table.</param>
    /// <param name="recordId">The record.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">The request failed.</exception>
    public async Task<JsonElement> GetAsync(string baseId, string table, string recordId, CancellationToken cancellationToken)
    {
        var record = await _client.GetAsync($"{PathOf(baseId, table)}/{ApiRequest.Segment(recordId, "record_id")}", cancellationToken);
        _client.NeedText(record, "id");
        return record;
    }

    /// <summary>
    /// Writes records, ten in a request, which is the most that the vendor takes, and returns them as he has them. He takes no key by which he would recognise a second request: an
    /// attempt that is repeated after a crash may create records again.
    /// </summary>
    /// <param name="method">POST for new records, PATCH for changes.</param>
    /// <param name="path">The table, of <see cref="PathOf"/>.</param>
    /// <param name="records">The records.</param>
    /// <param name="options">Further members of each request.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">A request failed; the message says how many records were written before.</exception>
    public async Task<(IReadOnlyList<JsonElement> Records, JsonElement? Details)> WriteAsync(
        HttpMethod method, string path, IReadOnlyList<JsonElement> records, IReadOnlyDictionary<string, bool?> options, CancellationToken cancellationToken)
    {
        var (written, details) = (new List<JsonElement>(records.Count), (JsonElement?)null);
        foreach (var batch in records.Chunk(BatchSize))
        {
            var members = options.Where(option => option.Value is not null).Select(option => KeyValuePair.Create(option.Key, JsonValues.From(option.Value!.Value)));
            var request = new ApiRequest(method, path) { Json = JsonValues.Object([KeyValuePair.Create("records", JsonValues.Array(batch)), .. members]) };
            try
            {
                var answer = await _client.SendAsync(request, cancellationToken);
                written.AddRange(_client.NeedItems(answer, "records"));
                details ??= answer.Member("details");
            }
            catch (BlockException e) when (written.Count > 0)
            {
                throw new BlockException($"{e.Message}. Before that, {written.Count} of {records.Count} records were written", e);
            }
        }

        return (written, details);
    }

    /// <summary>Deletes records, and returns what the vendor says of each.</summary>
    /// <param name="path">The table, of <see cref="PathOf"/>.</param>
    /// <param name="ids">The records, ten at most.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="BlockException">There are more, or the request failed.</exception>
    public async Task<IReadOnlyList<JsonElement>> DeleteAsync(string path, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        if (ids.Count > BatchSize) throw new BlockException("Only upto 10 record IDs can be deleted at a time");
        var query = ApiRequest.Query(ids.Select(id => ("records[]", (string?)id)));
        return _client.NeedItems(await _client.SendAsync(new ApiRequest(HttpMethod.Delete, path + query), cancellationToken), "records");
    }

    /// <summary>The path of a table.</summary>
    /// <param name="baseId">The base.</param>
    /// <param name="table">The id or the name of the table.</param>
    /// <exception cref="BlockException">One of them is blank.</exception>
    public static string PathOf(string baseId, string table) => $"/v0/{ApiRequest.Segment(baseId, "base_id")}/{ApiRequest.Segment(table, "table_id_or_name")}";

    private static string? NotEmpty(string text) => text.Length > 0 ? text : null;

    private static string? NotZero(long number) => number > 0 ? number.ToString(CultureInfo.InvariantCulture) : null;
}
