using System.Collections.Frozen;
using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Tests.Values;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>All blocks of the contract, from <c>blocks.tsv</c> and <c>block-schemas.json</c>: pins and schemas, nothing that runs.</summary>
internal sealed class ContractCatalogue : IBlockCatalogue
{
    private const int Id = 0, Name = 1, Kind = 5, Inputs = 7, Outputs = 8, StaticOutput = 10;
    private static readonly Lazy<ContractCatalogue> Once = new(() => new ContractCatalogue());
    private readonly FrozenDictionary<string, BlockDefinition> _blocks;

    private ContractCatalogue()
    {
        var schemas = SharedFiles.ReadJson("block-schemas.json")!.Value.EnumerateArray().ToDictionary(schema => schema.GetProperty("id").GetString()!, StringComparer.Ordinal);
        _blocks = ContractFiles.ReadLines("blocks.tsv").Skip(1).Select(line => line.Split('\t'))
            .Select(row => Define(row, schemas.GetValueOrDefault(row[Id])))
            .ToFrozenDictionary(block => block.Id, StringComparer.OrdinalIgnoreCase);
    }

    public static ContractCatalogue Instance => Once.Value;

    public int Count => _blocks.Count;

    public BlockDefinition? Find(string blockId) => _blocks.GetValueOrDefault(blockId);

    private static BlockDefinition Define(string[] row, JsonElement schema) => new()
    {
        Id = row[Id],
        Name = row[Name],
        Kind = KindOf(row[Kind]),
        StaticOutput = row[StaticOutput] == "yes",
        Inputs = [.. Pins(row[Inputs])],
        Outputs = [.. Pins(row[Outputs])],
        InputSchema = schema.Member("inputSchema") ?? JsonValues.EmptyObject,
        OutputSchema = schema.Member("outputSchema") ?? JsonValues.EmptyObject,
    };

    private static BlockKind KindOf(string text) => text switch
    {
        "AI" => BlockKind.Ai,
        "Webhook (manual)" => BlockKind.WebhookManual,
        "Human In The Loop" => BlockKind.HumanInTheLoop,
        _ => Enum.Parse<BlockKind>(text),
    };

    private static IEnumerable<PinDefinition> Pins(string cell) =>
        cell.Split(" ; ", StringSplitOptions.RemoveEmptyEntries).Select(Pin);

    private static PinDefinition Pin(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = text[..colon];
        var type = text[(colon + 1)..];
        var fallback = type.IndexOf(":default=", StringComparison.Ordinal);
        return new PinDefinition
        {
            Name = name,
            // Types do not matter to the rules about graphs, so the rarer notations need not be read.
            Type = PinType.Any,
            Required = type.Contains(":required", StringComparison.Ordinal),
            Default = fallback < 0 ? null : Default(type[(fallback + ":default=".Length)..]),
            Credentials = type.StartsWith("credentials(", StringComparison.Ordinal) ? new CredentialsRequirement { Providers = [], Types = [] } : null,
        };
    }

    private static JsonElement Default(string text)
    {
        var flags = text.LastIndexOf(" [", StringComparison.Ordinal);
        if (JsonValues.TryParse(text, out var value) || (flags > 0 && JsonValues.TryParse(text[..flags], out value))) return value;
        return JsonValues.From(text);
    }
}
