using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Contract;

/// <summary>The JSON options that convert between the values of pins and the records of blocks.</summary>
internal static class BlockJson
{
    /// <summary>Names are in snake case, all members are written, and numbers such as 2.0 are read as integers.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = JsonValues.MaxDocumentDepth,
            AllowOutOfOrderMetadataProperties = true,
            RespectNullableAnnotations = true,
            Converters = { new WholeNumber(), new Float() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    // 2.0 is a valid value of an integer pin.
    private sealed class WholeNumber : JsonConverter<long>
    {
        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TryGetInt64(out var whole)) return whole;
            var number = reader.GetDouble();
            return double.IsInteger(number) && Math.Abs(number) < 9.2e18 ? (long)number : throw new JsonException("The number is not a 64-bit integer.");
        }

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }

    // A float is written with a decimal point, as Python does; infinities and NaN, which JSON does not have, become null.
    private sealed class Float : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteRawValue(PythonText.Float(value), skipInputValidation: true);
            else writer.WriteNullValue();
        }
    }
}
