using System.Text.Json;
using Grainflow.Engine.Catalogue;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Graphs.Schemas;

/// <summary>The contract's blocks with what their schemas say of credentials, and the models that an export knew.</summary>
internal sealed class CredentialsCatalogue(IReadOnlyDictionary<string, string> models) : IBlockCatalogue
{
    public BlockDefinition? Find(string blockId) => ContractCatalogue.Instance.Find(blockId) is { } block
        ? block with { Inputs = [.. block.Inputs.Select(pin => pin.Credentials is null ? pin : pin with { Credentials = Read(block.InputSchema.GetProperty("properties").GetProperty(pin.Name)) })] }
        : null;

    private CredentialsRequirement Read(JsonElement schema) => new()
    {
        Providers = Texts(schema.GetProperty("credentials_provider")),
        Types = Texts(schema.GetProperty("credentials_types")),
        Discriminator = schema.Member("discriminator")?.GetString(),
        DiscriminatorMapping = schema.Member("discriminator")?.GetString() == "model" ? models : new Dictionary<string, string>(StringComparer.Ordinal),
    };

    private static List<string> Texts(JsonElement list) => [.. list.EnumerateArray().Select(text => text.GetString()!)];
}
