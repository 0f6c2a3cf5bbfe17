using Grainflow.Silo.Hosting;

namespace Grainflow.Silo.Tests;

public sealed class SettingsTests
{
    private static readonly Dictionary<string, string> Least = new(StringComparer.Ordinal) { ["DATABASE_URL"] = "postgres://localhost/x" };

    [Fact]
    public void Defaults_are_those_of_the_contract()
    {
        var settings = Read(Least);
        Assert.True(settings.EnableCredit);
        Assert.Equal(1500, settings.NumUserCreditsRefill);
        Assert.Equal(25, settings.MaxConcurrentGraphExecutionsPerUser);
        Assert.Equal(50, settings.MaxConcurrentExecutionsPerUser);
        Assert.Equal(50_000, settings.MaxNodeExecutionsPerRun);
        Assert.Equal(24, settings.MaxRunHours);
        Assert.Equal(100, settings.ExecutionCostCountThreshold);
        Assert.Equal(1, settings.ExecutionCostPerThreshold);
        Assert.Empty(settings.ApiKeys);
        Assert.True(settings.EnableMetrics);
        Assert.Equal((null, "http/protobuf", "grainflow"), (settings.OtlpEndpoint, settings.OtlpProtocol, settings.OtelServiceName));
    }

    [Fact]
    public void A_missing_database_is_answered_with_the_cure() =>
        Assert.Contains("Start through ./run", Assert.Throws<SettingsException>(() => Read([])).Message, StringComparison.Ordinal);

    [Fact]
    public void Keys_are_found_by_the_name_of_their_provider()
    {
        var settings = Read(new(Least, StringComparer.Ordinal) { ["OPEN_ROUTER_API_KEY"] = "k", ["JINA_API_KEY"] = "" });
        Assert.Equal([KeyValuePair.Create("open_router", "k")], settings.ApiKeys);
    }

    [Theory]
    [InlineData("ENABLE_CREDIT", "yes")]
    [InlineData("MAX_CONCURRENT_GRAPH_EXECUTIONS_PER_USER", "0")]
    [InlineData("MAX_CONCURRENT_GRAPH_EXECUTIONS_PER_USER", "1001")]
    [InlineData("EXECUTION_COST_COUNT_THRESHOLD", "many")]
    [InlineData("MAX_RUN_HOURS", "0")]
    [InlineData("ENABLE_METRICS", "perhaps")]
    [InlineData("RUN_AHEAD", "sometimes")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("MAX_NODE_EXECUTIONS_PER_RUN", "-5")]
    [InlineData("MAX_CREATED_NODE_EXECUTIONS_PER_RUN", "0")]
    [InlineData("MAX_OUTPUTS_PER_NODE_EXECUTION", "0")]
    [InlineData("MAX_OUTPUT_BYTES", "33554433")]
    [InlineData("MAX_OPEN_MEGABYTES_PER_RUN", "65537")]
    [InlineData("MAX_NODE_ATTEMPTS", "0")]
    [InlineData("MAX_NODE_ATTEMPTS", "1001")]
    public void A_wrong_value_is_refused_with_name_and_value(string name, string value)
    {
        var message = Assert.Throws<SettingsException>(() => Read(new(Least, StringComparer.Ordinal) { [name] = value })).Message;
        Assert.StartsWith($"{name} is '{value}'; it must be ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_collector_is_named_by_the_variables_of_OpenTelemetry()
    {
        var settings = Read(new(Least, StringComparer.Ordinal) { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://collector:4317", ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc", ["OTEL_SERVICE_NAME"] = "mine" });
        Assert.Equal((new Uri("http://collector:4317"), "grpc", "mine"), (settings.OtlpEndpoint, settings.OtlpProtocol, settings.OtelServiceName));
    }

    [Fact]
    public void Without_tokens_it_listens_to_this_machine_alone()
    {
        var open = new Dictionary<string, string>(Least, StringComparer.Ordinal) { ["AGENT_API_HOST"] = "0.0.0.0" };
        Assert.Contains("everybody in the network would be an administrator", Assert.Throws<SettingsException>(() => Read(open)).Message, StringComparison.Ordinal);

        open["ENABLE_AUTH"] = "true";
        open["JWT_VERIFY_KEY"] = "a key of more than thirty-two characters";
        Assert.Equal("0.0.0.0", Read(open).AgentApiHost);
    }

    private static Settings Read(Dictionary<string, string> variables) => Settings.Read(variables.GetValueOrDefault);
}
