using Grainflow.Blocks.Contract;
using Grainflow.Gateway.Builder;
using Grainflow.Grains.Interfaces.Credentials;

namespace Grainflow.Gateway.Integrations;

/// <summary>The providers as newer versions describe them (contract: upstream 2b).</summary>
internal sealed class ProviderList(IGrainFactory grains, BuilderCatalogue blocks)
{
    private static readonly string[] Types = [CredentialTypes.ApiKey, CredentialTypes.OAuth2, CredentialTypes.UserPassword, CredentialTypes.HostScoped];

    /// <summary>All providers in alphabetical order, with the kinds of credentials that blocks take of them and that a login gives.</summary>
    public async Task<IEnumerable<ProviderMetadata>> ListAsync()
    {
        // Logins are settings of the platform, so that any user is told the same.
        var logins = (await grains.GetGrain<IUserCredentialsGrain>(GatewayOptions.Nobody).ListLogins()).Select(login => login.Provider).ToHashSet(StringComparer.Ordinal);
        var taken = await blocks.CredentialTypesAsync();
        return ProviderNames.All.Select(name => new ProviderMetadata
        {
            Name = name,
            Description = ProviderNames.Descriptions.GetValueOrDefault(name),
            SupportedAuthTypes = [.. Types.Where(type => taken.GetValueOrDefault(name)?.Contains(type) == true || (type == CredentialTypes.OAuth2 && logins.Contains(name)))],
        });
    }
}
