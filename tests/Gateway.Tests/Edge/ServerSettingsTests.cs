using Grainflow.Silo.CommandLine;
using Grainflow.Silo.Hosting;

namespace Grainflow.Gateway.Tests.Edge;

public sealed class ServerSettingsTests
{
    [Fact]
    public void Without_settings_the_server_is_for_this_machine_alone()
    {
        var settings = Read();
        Assert.False(settings.EnableAuth);
        Assert.Equal(("127.0.0.1", 8000, (int?)null), (settings.AgentApiHost, settings.AgentApiPort, settings.WebsocketServerPort));
        Assert.Equal(["http://localhost:3000"], settings.BackendCorsAllowOrigins);
        Assert.Equal(("HS256", 1200), (settings.JwtSignAlgorithm, settings.ApiRateLimitPerMinute));
    }

    [Fact]
    public void Everything_can_be_set()
    {
        var settings = Read(
            ("ENABLE_AUTH", "true"), ("JWT_VERIFY_KEY", "k"), ("JWT_SIGN_ALGORITHM", "HS512"), ("APP_ENV", "prod"), ("AGENT_API_HOST", "0.0.0.0"), ("AGENT_API_PORT", "9"),
            ("WEBSOCKET_SERVER_PORT", "10"), ("API_RATE_LIMIT_PER_MINUTE", "0"), ("BACKEND_CORS_ALLOW_ORIGINS", """["https://a.example/", "regex:https://.*"]"""));
        Assert.Equal(("k", "HS512", "0.0.0.0", 9, 10, 0), (settings.JwtVerifyKey, settings.JwtSignAlgorithm, settings.AgentApiHost, settings.AgentApiPort, settings.WebsocketServerPort, settings.ApiRateLimitPerMinute));
        Assert.Equal(["https://a.example", "regex:https://.*"], settings.BackendCorsAllowOrigins);
    }

    [Fact]
    public void The_older_name_of_the_key_counts_when_the_new_one_is_not_there()
    {
        Assert.Equal("old", Read(("SUPABASE_JWT_SECRET", "old")).JwtVerifyKey);
        Assert.Equal("new", Read(("SUPABASE_JWT_SECRET", "old"), ("JWT_VERIFY_KEY", "new")).JwtVerifyKey);
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
    [InlineData("AGENT_API_HOST", "example.org", "127.0.0.1 or 0.0.0.0")]
    [InlineData("AGENT_API_PORT", "70000", "1 to 65535")]
    [InlineData("API_RATE_LIMIT_PER_MINUTE", "-1", "0 or more")]
    public void A_setting_that_is_wrong_names_its_cure(string name, string value, string cure)
    {
        var message = Assert.Throws<SettingsException>(() => Read((name, value))).Message;
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.Contains(cure, message, StringComparison.Ordinal);
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
