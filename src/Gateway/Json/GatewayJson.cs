using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Grainflow.Engine.Values;

namespace Grainflow.Gateway.Json;

/// <summary>The JSON options of the API.</summary>
internal static class GatewayJson
{
    /// <summary>Snake case names, all members written, times in UTC.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>JSON null.</summary>
    public static JsonElement Null { get; } = JsonElement.Parse("null");

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = JsonValues.MaxDocumentDepth,
            Converters = { new UtcTime() },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(BaseFirst),
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    // The members of base records are written first, so that an id stands before the lists.
    private static void BaseFirst(JsonTypeInfo type)
    {
        foreach (var property in type.Properties) property.Order = Depth(property.DeclaringType);
    }

    private static int Depth(Type? type) => type is null ? 0 : 1 + Depth(type.BaseType);

    private sealed class UtcTime : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'"));
    }
}
