using Grainflow.Blocks.Ai;
using Grainflow.Blocks.Contract;
using Grainflow.Blocks.Http;
using Grainflow.Blocks.Integrations;
using Grainflow.Engine.Catalogue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Grainflow.Blocks;

/// <summary>Wiring of the blocks.</summary>
public static class BlocksHosting
{
    /// <summary>Adds the catalogue of blocks, and the options of what blocks call. A catalogue that was added before stays.</summary>
    /// <param name="services">The silo's services.</param>
    public static IServiceCollection AddGrainflowBlocks(this IServiceCollection services)
    {
        services.AddOptions<OutgoingHttpOptions>().BindConfiguration(OutgoingHttpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ChatModelOptions>().BindConfiguration(ChatModelOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<IntegrationOptions>().BindConfiguration(IntegrationOptions.Section);
        services.TryAddSingleton(provider => new BlockCatalogue(provider.GetRequiredService<IOptions<ChatModelOptions>>().Value));
        services.TryAddSingleton<IBlockCatalogue>(provider => provider.GetRequiredService<BlockCatalogue>());
        services.TryAddSingleton<IBlockRegistry>(provider => provider.GetRequiredService<BlockCatalogue>());
        return services;
    }
}
