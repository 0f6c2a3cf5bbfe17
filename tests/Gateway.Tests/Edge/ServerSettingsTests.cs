using System.Security.Cryptography;
using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Hosting;

namespace Grainflow.Gateway.Tests.Edge;

public sealed class ServerSettingsTests
{
    [Fact]
    public void Without_settings_the_server_is_for_this_machine_alone()
    {
        var settings = Read();
        Assert.False(settings.Gateway.EnableAuth);
        Assert.Equal(("127.0.0.1", 8000, (int?)null), (settings.AgentApiHost, settings.AgentApiPort, settings.WebsocketServerPort));
        Assert.Equal(["http://localhost:3000"], settings.Gateway.CorsAllowOrigins);
        Assert.Equal(("HS256", 1200), (settings.Gateway.JwtSignAlgorithm, settings.Gateway.RequestsPerMinute));
    }

    [Fact]
    public void Everything_can_be_set()
    {
        var settings = Read(
            ("ENABLE_AUTH", "true"), ("JWT_VERIFY_KEY", "k"), ("JWT_SIGN_ALGORITHM", "HS512"), ("APP_ENV", "prod"), ("AGENT_API_HOST", "0.0.0.0"), ("AGENT_API_PORT", "9"),
            ("WEBSOCKET_SERVER_PORT", "10"), ("API_RATE_LIMIT_PER_MINUTE", "0"), ("BACKEND_CORS_ALLOW_ORIGINS", """["https://a.example/", "regex:https://.*"]"""));
        Assert.Equal(("k", "HS512", "0.0.0.0", 9, 10, 0), (settings.Gateway.JwtVerifyKey, settings.Gateway.JwtSignAlgorithm, settings.AgentApiHost, settings.AgentApiPort, settings.WebsocketServerPort, settings.Gateway.RequestsPerMinute));
        Assert.Equal(["https://a.example", "regex:https://.*"], settings.Gateway.CorsAllowOrigins);
    }

    [Fact]
    public void The_older_name_of_the_key_counts_when_the_new_one_is_not_there()
    {
        Assert.Equal("old", Read(("SUPABASE_JWT_SECRET", "old")).Gateway.JwtVerifyKey);
        Assert.Equal("new", Read(("SUPABASE_JWT_SECRET", "old"), ("JWT_VERIFY_KEY", "new")).Gateway.JwtVerifyKey);
    }

    [Theory]
    [InlineData("APP_ENV", "prod", "ENABLE_AUTH=true")]
    [InlineData("APP_ENV", "production", "local, dev or prod")]
    [InlineData("ENABLE_AUTH", "true", "JWT_VERIFY_KEY is not set")]
    [InlineData("JWT_SIGN_ALGORITHM", "none", "HS256")]
    [InlineData("BACKEND_CORS_ALLOW_ORIGINS", "http://a.example", "a JSON list")]
    [InlineData("BACKEND_CORS_ALLOW_ORIGINS", "[null]", "a JSON list")]
    [InlineData("BACKEND_CORS_ALLOW_ORIGINS", "null", "a JSON list")]
    [InlineData("BACKEND_CORS_ALLOW_ORIGINS", """["a.example"]""", "a JSON list")]
    [InlineData("BACKEND_CORS_ALLOW_ORIGINS", """["regex:("]""", "a JSON list")]
    [InlineData("JWT_SIGN_ALGORITHM", "HS256,none", "HS256")]
    [InlineData("JWT_SIGN_ALGORITHM", ",", "HS256")]
    [InlineData("JWT_JWKS_URL", "auth.example/keys", "an absolute address")]
    [InlineData("JWT_JWKS_URL", "file:///keys", "an absolute address")]
    [InlineData("AGENT_API_HOST", "example.org", "127.0.0.1, 0.0.0.0, ::1 or ::")]
    [InlineData("AGENT_API_PORT", "70000", "1 to 65535")]
    [InlineData("API_RATE_LIMIT_PER_MINUTE", "-1", "0 or more")]
    public void A_setting_that_is_wrong_names_its_cure(string name, string value, string cure)
    {
        var message = Assert.Throws<SettingsException>(() => Read((name, value))).Message;
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.Contains(cure, message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, string> KeysThatDoNotFit
    {
        get
        {
            using var rsa = RSA.Create(2048);
            using var small = RSA.Create(1024);
            using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var (rsaPem, curvePem) = (rsa.ExportSubjectPublicKeyInfoPem(), curve.ExportSubjectPublicKeyInfoPem());
            const string Secret = "a secret of thirty-two bytes or more";
            const string Keys = "https://auth.example/keys";
            return new()
            {
                { "HS256", "", "", "JWT_VERIFY_KEY is not set" },
                { "RS256", "", "", "JWT_VERIFY_KEY is not set" },
                { "HS256", rsaPem, "", "JWT_VERIFY_KEY is a key in PEM and JWT_SIGN_ALGORITHM allows HS256" },
                { "RS256,HS512", rsaPem, "", "JWT_VERIFY_KEY is a key in PEM and JWT_SIGN_ALGORITHM allows HS512" },
                { "HS256", "", Keys, "JWT_JWKS_URL is set and JWT_SIGN_ALGORITHM allows only HS256" },
                { "HS256", Secret, Keys, "JWT_JWKS_URL is set and JWT_SIGN_ALGORITHM allows only HS256" },
                { "HS256,ES256", "", Keys, "JWT_SIGN_ALGORITHM allows HS256 and JWT_VERIFY_KEY, its secret, is not set" },
                { "RS256", Secret, "", "JWT_SIGN_ALGORITHM allows RS256 and JWT_VERIFY_KEY is no public key in PEM" },
                { "HS256,RS256", Secret, "", "JWT_SIGN_ALGORITHM allows RS256 and JWT_VERIFY_KEY is no public key in PEM" },
                { "RS256", Secret, Keys, "JWT_VERIFY_KEY and JWT_JWKS_URL are both set" },
                { "RS256", rsaPem, Keys, "JWT_VERIFY_KEY and JWT_JWKS_URL are both set" },
                { "RS256", curvePem, "", "JWT_VERIFY_KEY is a key on the curve P-256 and JWT_SIGN_ALGORITHM allows RS256. Such a key takes ES256." },
                { "ES256", rsaPem, "", "JWT_VERIFY_KEY is an RSA key and JWT_SIGN_ALGORITHM allows ES256" },
                { "ES384", curvePem, "", "JWT_VERIFY_KEY is a key on the curve P-256 and JWT_SIGN_ALGORITHM allows ES384" },
                { "RS256,ES256", curvePem, "", "JWT_VERIFY_KEY is a key on the curve P-256 and JWT_SIGN_ALGORITHM allows RS256" },
                { "RS256", small.ExportSubjectPublicKeyInfoPem(), "", "JWT_VERIFY_KEY is an RSA key of 1024 bits; it must have 2048 or more" },
                { "RS256", rsa.ExportPkcs8PrivateKeyPem(), "", "JWT_VERIFY_KEY must be one public key in PEM" },
                { "RS256", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "", "JWT_VERIFY_KEY is not a public key that can be read" },
                { "RS256", "-----BEGIN PUBLIC KEY-----", "", "JWT_VERIFY_KEY must be one public key in PEM" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(KeysThatDoNotFit))]
    public void Keys_that_do_not_fit_the_algorithms_are_refused_at_the_start(string algorithms, string key, string address, string problem)
    {
        var settings = new[] { ("JWT_SIGN_ALGORITHM", algorithms), ("JWT_VERIFY_KEY", key), ("JWT_JWKS_URL", address) };
        var message = Assert.Throws<SettingsException>(() => Read([.. settings, ("ENABLE_AUTH", "true")])).Message;
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.DoesNotContain("MII", message, StringComparison.Ordinal);
        Assert.False(Read([.. settings, ("ENABLE_AUTH", "false")]).Gateway.EnableAuth);
    }

    [Fact]
    public void An_issuer_needs_no_key_of_the_settings()
    {
        var settings = Read(("ENABLE_AUTH", "true"), ("JWT_SIGN_ALGORITHM", "RS256, ES256"), ("JWT_JWKS_URL", "https://auth.example/keys"), ("JWT_ISSUER", "https://auth.example"));
        Assert.Equal(("https://auth.example/keys", "https://auth.example"), (settings.Gateway.JwtJwksUrl?.AbsoluteUri, settings.Gateway.JwtIssuer));
    }

    [Fact]
    public void The_command_line_has_the_last_word_on_the_port()
    {
        Assert.Equal(8123, CliOptions.Parse(["--port", "8123"]).Port);
        Assert.Null(CliOptions.Parse([]).Port);
    }

    private static Settings Read(params (string Name, string Value)[] variables) =>
        Settings.Read(name => variables.FirstOrDefault(variable => variable.Name == name).Value ?? (name == "DATABASE_URL" ? "postgres://localhost/x" : null));
}
