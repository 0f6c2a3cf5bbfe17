using System.Globalization;
using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Input;

[Block("7e198b09-4994-47db-8b4d-952d98241817", "Graph input for a calendar date.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed class AgentDateInputBlock : AgentInputKind<AgentDateInputBlock.Input, AgentDateInputBlock.Output>
{
    private static readonly string[] WithoutTime = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ssZ"];

    protected override JsonElement Normalize(JsonElement value)
    {
        var text = value.GetString()!;
        if (DateTime.TryParseExact(text, WithoutTime, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var date) && date.TimeOfDay == TimeSpan.Zero)
            return JsonValues.From(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        throw new BlockException($"'{text}' is not a date, for example 2025-03-19");
    }

    internal sealed record Input : AgentInput
    {
        [Pin(Type = "string:date?", Title = "Default Value", Advanced = false)]
        public override JsonElement Value { get; init; }
    }

    internal sealed record Output
    {
        [Pin(Type = "string:date")]
        public required string Result { get; init; }
    }
}
