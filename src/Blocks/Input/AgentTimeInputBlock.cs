using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Input;

[Block("2a1c757e-86cf-4c7e-aacf-060dc382e434", "Graph input for a time of day.", "BASIC", "INPUT", Kind = BlockKind.Input, StaticOutput = true)]
internal sealed partial class AgentTimeInputBlock : AgentInputKind<AgentTimeInputBlock.Input, AgentTimeInputBlock.Output>
{
    protected override JsonElement Normalize(JsonElement value)
    {
        var text = value.GetString()!;
        var parts = Iso().Match(text);
        if (!parts.Success) throw new BlockException($"'{text}' is not a time of day, for example 09:30:00");
        var seconds = parts.Groups["s"].Success ? parts.Groups["s"].Value : "00";
        var fraction = parts.Groups["f"].Success ? "." + parts.Groups["f"].Value.PadRight(6, '0') : "";
        var zone = parts.Groups["z"].Value is "Z" or "z" ? "+00:00" : parts.Groups["z"].Value;
        return JsonValues.From(string.Create(CultureInfo.InvariantCulture, $"{parts.Groups["h"].Value}:{parts.Groups["m"].Value}:{seconds}{fraction}{zone}"));
    }

    [GeneratedRegex(@"^(?<h>[01]\d|2[0-3]):(?<m>[0-5]\d)(:(?<s>[0-5]\d)(\.(?<f>\d{1,6}))?)?(?<z>[Zz]|[+-]\d\d:\d\d)?$", RegexOptions.ExplicitCapture | RegexOptions.ECMAScript, 1000)]
    private static partial Regex Iso();

    internal sealed record Input : AgentInput
    {
        [Pin(Type = "string:time?", Title = "Default Value", Advanced = false)]
        public override JsonElement Value { get; init; }
    }

    internal sealed record Output
    {
        [Pin(Type = "string:time")]
        public required string Result { get; init; }
    }
}
