using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>Block definitions made up for tests. A pin is written <c>name:type</c> or <c>name:type=default</c>.</summary>
internal static class FakeBlocks
{
    public static readonly BlockDefinition Input = Of("Input", "name:string value:any=null title:string?=null placeholder_values:array<any>=[] advanced:boolean=false secret:boolean=false", "result:any", BlockKind.Input)
        with
    { StaticOutput = true };

    public static readonly BlockDefinition Output = Of("Output", "value:any=null name:string title:string?=null format:string=\"\" advanced:boolean=false secret:boolean=false", "output:any name:any", BlockKind.Output)
        with
    { StaticOutput = true };

    public static readonly BlockDefinition Note = Of("Note", "text:string", "output:string", BlockKind.Note);

    public static readonly BlockDefinition Agent = Of("AgentExecutor", "user_id:string graph_id:string graph_version:integer inputs:object input_schema:object output_schema:object", "", BlockKind.Agent);

    /// <summary>Takes anything and gives anything; nothing is required.</summary>
    public static readonly BlockDefinition Step = Of("Step", "a:any=null b:any=null c:any=null", "out:any other:any error:string");

    /// <summary>Needs a whole number and a text.</summary>
    public static readonly BlockDefinition Adder = Of("Adder", "a:integer b:integer=5 label:string=\"x\"", "sum:integer error:string");

    public static readonly BlockDefinition Store = Of("Store", "input:any data:any=null", "output:any") with { StaticOutput = true };

    public static readonly BlockDefinition Model = WithCredentials(Of("Model", "prompt:string model:string=\"m1\"", "response:string error:string"), required: true);

    public static BlockDefinition Of(string name, string inputs, string outputs, BlockKind kind = BlockKind.Standard) => new()
    {
        Id = "block-" + name,
        Name = name + "Block",
        Kind = kind,
        Inputs = [.. inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Pin)],
        Outputs = [.. outputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Pin)],
        InputSchema = JsonValues.Parse("""{"properties": {"value": {"title": "Value", "description": "own", "default": 7, "x": 1}}}"""),
        OutputSchema = JsonValues.EmptyObject,
    };

    public static BlockDefinition WithCredentials(BlockDefinition block, bool required) => block with
    {
        Inputs =
        [
            .. block.Inputs,
            new PinDefinition
            {
                Name = "credentials",
                Type = PinTypes.Credentials(["p1", "p2"], "api_key"),
                Required = required,
                Default = required ? null : JsonValues.Null,
                Credentials = new CredentialsRequirement
                {
                    Providers = ["p1", "p2"],
                    Types = ["api_key"],
                    Discriminator = "model",
                    DiscriminatorMapping = new Dictionary<string, string>(StringComparer.Ordinal) { ["m1"] = "p1", ["m2"] = "p2" },
                },
            },
        ],
    };

    public static BlockDefinition WithPin(BlockDefinition block, PinDefinition pin) => block with { Inputs = [.. block.Inputs.Where(one => one.Name != pin.Name), pin] };

    private static PinDefinition Pin(string text)
    {
        var name = text[..text.IndexOf(':', StringComparison.Ordinal)];
        var rest = text[(name.Length + 1)..];
        var at = rest.IndexOf('=', StringComparison.Ordinal);
        JsonElement? fallback = at < 0 ? null : JsonValues.Parse(rest[(at + 1)..]);
        return new PinDefinition { Name = name, Type = PinTypes.Parse(at < 0 ? rest : rest[..at]), Required = at < 0, Default = fallback };
    }
}
