using Grainflow.Gateway.Tests.Support;
using Grainflow.Gateway.Tests.WebSockets.Support;
using Grainflow.Grains.Credentials.OAuth;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grainflow.Gateway.Tests.Integrations;

/// <summary>A server with a scripted OAuth provider <c>github</c>, a key of OpenAI and a log that a test reads.</summary>
public sealed class CredentialServer : ApiServer
{
    /// <summary>The platform's own key.</summary>
    internal const string SystemKey = "canary-system-key";

    internal ScriptedProvider OAuth { get; } = new();

    internal LogLines Log { get; } = new(LogLevel.Trace);

    /// <summary>Where models are asked; null for nowhere.</summary>
    internal string? Models { get; set; }

    /// <summary>Whether it asks for no token.</summary>
    internal bool IsOpen { get; set; }

    private protected override void Change(Dictionary<string, string> variables)
    {
        variables["FRONTEND_BASE_URL"] = "https://front.example.com";
        variables["OPENAI_API_KEY"] = SystemKey;
        if (IsOpen) variables["ENABLE_AUTH"] = "false";
        if (Models is null) return;
        variables["OPENAI_BASE_URL"] = Models + "/v1";
        variables["TRUST_ENDPOINTS_FOR_REQUESTS"] = $"""["{Models}"]""";
    }

    private protected override void Replace(IServiceCollection services)
    {
        services.AddSingleton<IOAuthClient>(OAuth);
        services.AddLogging(logging => logging.AddProvider(Log));
        services.PostConfigure<LoggerFilterOptions>(options =>
        {
            options.MinLevel = LogLevel.Trace;
            options.Rules.Add(new LoggerFilterRule("Console", categoryName: null, LogLevel.Warning, filter: null));
        });
    }
}

/// <summary>An OAuth provider whose tokens have names.</summary>
internal sealed class ScriptedProvider : IOAuthClient
{
    public const string AccessToken = "canary-access-token";
    public const string RefreshToken = "canary-refresh-token";

    /// <summary>The PKCE verifier of the last login.</summary>
    public string? Verifier { get; private set; }

    public OAuthSupport Support(string provider) => provider switch { "github" => OAuthSupport.Configured, "google" => OAuthSupport.NotConfigured, _ => OAuthSupport.Unknown };

    public Uri LoginUrl(OAuthLogin login)
    {
        Verifier = login.CodeVerifier;
        return new Uri($"https://github.example.com/authorize?state={login.State}");
    }

    public Task<OAuthTokens> ExchangeAsync(OAuthLogin login, string code, CancellationToken cancellationToken) => code == "canary-code"
        ? Task.FromResult(new OAuthTokens { AccessToken = AccessToken, RefreshToken = RefreshToken, Scopes = ["repo"], Username = "octocat" })
        : throw new OAuthException("bad_verification_code", isPassing: false);

    public bool CanRefresh(string provider, OAuthTokens tokens) => false;

    public Task<OAuthTokens> RefreshAsync(string provider, OAuthTokens tokens, CancellationToken cancellationToken) => throw new OAuthException("no", isPassing: true);

    public Task<bool> RevokeAsync(string provider, OAuthTokens tokens, CancellationToken cancellationToken) => Task.FromResult(true);
}
