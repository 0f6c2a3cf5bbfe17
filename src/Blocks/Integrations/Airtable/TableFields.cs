using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.Airtable;

/// <summary>The fields of a table. The vendor leaves empty ones out of records; they are put in by the type of the field.</summary>
/// <param name="fields">The fields as the vendor has them.</param>
internal sealed class TableFields(IReadOnlyList<JsonElement> fields)
{
    /// <summary>A record with all fields of its table.</summary>
    /// <param name="record">The record as the vendor has it.</param>
    public JsonElement Complete(JsonElement record)
    {
        var given = record.Member("fields") ?? JsonValues.EmptyObject;
        return JsonValues.Object(
            KeyValuePair.Create("id", record.Member("id") ?? JsonValues.Null),
            KeyValuePair.Create("createdTime", record.Member("createdTime") ?? JsonValues.Null),
            KeyValuePair.Create("fields", JsonValues.Object(
                from field in fields
                let name = field.Text("name") ?? ""
                select KeyValuePair.Create(name, given.Member(name) ?? EmptyOf(field.Text("type"))))));
    }

    /// <summary>What the fields are, by name.</summary>
    public JsonElement Metadata() => JsonValues.Object(fields.Select(field => KeyValuePair.Create(field.Text("name") ?? "", MetadataOf(field))));

    private static JsonElement EmptyOf(string? type) => type switch
    {
        "checkbox" => JsonValues.False,
        "multipleSelects" or "multipleRecordLinks" or "multipleAttachments" or "multipleLookupValues" or "multipleCollaborators" => JsonValues.EmptyArray,
        "number" or "percent" or "currency" or "rating" or "duration" or "count" or "autoNumber" => JsonValues.From(0),
        "singleLineText" or "multilineText" or "email" or "url" or "phoneNumber" or "richText" or "barcode" => JsonValues.EmptyText,
        _ => JsonValues.Null,
    };

    private static JsonElement MetadataOf(JsonElement field)
    {
        var (type, options) = (field.Text("type"), field.Member("options") ?? default);
        var facts = new List<KeyValuePair<string, JsonElement>>
        {
            KeyValuePair.Create("type", JsonValues.From(type)),
            KeyValuePair.Create("id", field.Member("id") ?? JsonValues.Null),
        };
        void Add(string name, string option, JsonElement absent) => facts.Add(KeyValuePair.Create(name, options.Member(option) ?? absent));
        switch (type)
        {
            case "currency" when options.Member("symbol") is not null:
                Add("symbol", "symbol", JsonValues.Null);
                Add("precision", "precision", JsonValues.From(2));
                break;
            case "duration" when options.Member("durationFormat") is not null:
                Add("format", "durationFormat", JsonValues.Null);
                break;
            case "percent" when options.Member("precision") is not null:
                Add("precision", "precision", JsonValues.Null);
                break;
            case "singleSelect" or "multipleSelects" when options.Member("choices") is not null:
                facts.Add(KeyValuePair.Create("choices", JsonValues.Array(options.Items("choices").Select(choice => choice.Member("name") ?? JsonValues.Null))));
                break;
            case "rating" when options.Member("max") is not null:
                Add("max", "max", JsonValues.Null);
                Add("icon", "icon", JsonValues.From("star"));
                Add("color", "color", JsonValues.From("yellowBright"));
                break;
        }

        return JsonValues.Object(facts);
    }
}
