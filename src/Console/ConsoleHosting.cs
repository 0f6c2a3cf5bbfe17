using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Local;
using Grainflow.WebConsole.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace Grainflow.WebConsole;

/// <summary>Adds the console to the host of a gateway.</summary>
public static class ConsoleHosting
{
    // MudBlazor writes its theme and positions as inline styles; scripts come from this server alone.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>The longest message of a browser, in bytes: a text that was pasted into a field comes as one, and a longer message ends the circuit.</summary>
    private const long MostTyped = 1024 * 1024;

    /// <summary>Adds the services. The host adds the gateway.</summary>
    /// <param name="services">The services of the web host.</param>
    public static IServiceCollection AddGrainflowConsole(this IServiceCollection services)
    {
        services.AddOptions<ConsoleOptions>().BindConfiguration(ConsoleOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LocalClient>();
        services.AddScoped<ConsoleApi>();
        services.AddSingleton<BlockNames>();
        services.AddScoped<Agents.ImportNotes>();
        services.AddSingleton<OpenCircuits>();
        services.AddSingleton<CircuitHandler>(provider => provider.GetRequiredService<OpenCircuits>());
        // The gateways of a cluster read each other's pages.
        services.AddDataProtection().SetApplicationName("Grainflow");
        services.AddSingleton<PageKeyRepository>();
        services.AddOptions<KeyManagementOptions>().Configure<PageKeyRepository>((management, keys) => management.XmlRepository = keys);
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub => hub.MaximumReceiveMessageSize = MostTyped);
        services.AddMudServices(mud => mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight);
        return services;
    }

    /// <summary>Lets browsers that have signed in to the console read the dashboard, which has no sign-in of its own. Call it before the middleware of the gateway.</summary>
    /// <param name="app">The web host.</param>
    /// <param name="path">Where the dashboard is.</param>
    public static void UseGrainflowConsoleSignIn(this IApplicationBuilder app, string path) => app.UseTokenOfCookie(path);

    /// <summary>Adds the pages. Call it after the middleware of the gateway.</summary>
    /// <param name="app">The web host.</param>
    public static void UseGrainflowConsole(this WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<OpenCircuits>().RefuseTooManyAsync);
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapSignIn();
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .WithMetadata(new ContentPolicy(Policy));
    }
}
