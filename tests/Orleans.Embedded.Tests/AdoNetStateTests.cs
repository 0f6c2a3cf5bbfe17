using System.Globalization;
using System.Text;
using Orleans.Configuration;
using Orleans.Embedded.Tests.Grains;
using Orleans.Embedded.Tests.Support;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded.Tests;

public sealed class AdoNetStateTests(Database database) : StateFacts, IClassFixture<Database>
{
    [Fact]
    public async Task A_row_has_the_columns_that_the_provider_of_Orleans_would_write()
    {
        await using var silo = await StartAsync();
        await silo.Grain<IStateGrain>("columns").Set("something");

        var rows = await database.QueryAsync<string>(
            $"""
            SELECT concat_ws('|', grainidhash, grainidn0, grainidn1, graintypehash, graintypestring, grainidextensionstring, serviceid, convert_from(payloadbinary, 'UTF8'), version)
            FROM orleansstorage WHERE grainidextensionstring = 'columns' AND serviceid = '{silo.Cluster.Options.ServiceId}'
            """);

        var idHash = unchecked((int)StableHash.Compute([.. Encoding.UTF8.GetBytes("columns").Reverse()]));
        var typeHash = unchecked((int)StableHash.Compute("document"u8));
        Assert.Equal([$$"""{{idHash}}|0|0|{{typeHash}}|document|columns|{{silo.Cluster.Options.ServiceId}}|{"Text":"something"}|1"""], rows);
    }

    [Fact]
    public async Task Two_first_writers_at_the_same_time_leave_one_row_and_one_conflict()
    {
        await using var silo = await StartAsync();
        var storage = silo.Storage("store");
        var id = GrainId.Create("state", "race");

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            var record = new GrainState<Document>(new Document { Text = number.ToString(CultureInfo.InvariantCulture) });
            try
            {
                await storage.WriteStateAsync("document", id, record);
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));

        Assert.Single(results, static won => won);
        Assert.Equal([1L], await database.QueryAsync<long>($"SELECT count(*) FROM orleansstorage WHERE grainidextensionstring = 'race' AND serviceid = '{silo.Cluster.Options.ServiceId}'"));
    }

    [Fact]
    public async Task State_survives_the_silo()
    {
        await using var silo = await StartAsync();
        await silo.Grain<IStateGrain>("survivor").Set("something");

        await silo.Cluster.RestartSiloAsync(silo.Cluster.Silos[0]);

        Assert.Equal("something", await silo.Grain<IStateGrain>("survivor").Get());
    }

    [Fact]
    public async Task A_failure_of_the_database_is_an_exception_of_the_runtime()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.AddAdoNetGrainStorage("store", options =>
        {
            Configure(options);
            options.GrainStorageSerializer = new BrokenSerializer();
        }));

        var exception = await Assert.ThrowsAsync<OrleansException>(() => silo.Grain<IStateGrain>("broken").Set("something"));

        Assert.IsType<NotSupportedException>(exception.InnerException);
        Assert.Contains("AdoNetGrainStorage.document", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invariant")]
    [InlineData("ConnectionString")]
    [InlineData("GrainStorageSerializer")]
    public async Task A_silo_with_wrong_storage_options_does_not_start_and_names_the_option(string option)
    {
        await using var silo = TestSilo.Create(builder => builder.AddAdoNetGrainStorage("store", options =>
        {
            Configure(options);
            if (option == "Invariant") options.Invariant = AdoNetGrainStorageOptions.DEFAULT_ADONET_INVARIANT;
            if (option == "ConnectionString") options.ConnectionString = null;
            if (option == "GrainStorageSerializer") options.GrainStorageSerializer = null!;
        }));

        var exception = await Assert.ThrowsAsync<OrleansConfigurationException>(silo.Cluster.DeployAsync);

        Assert.Contains(option, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_does_not_start_without_the_queries()
    {
        var empty = new Database();
        await empty.InitializeAsync();
        await empty.RunAsync("DELETE FROM OrleansQuery WHERE QueryKey = 'ClearStorageKey'");
        await using var silo = TestSilo.Create(builder => builder.AddAdoNetGrainStorage("store", options =>
        {
            Configure(options);
            options.ConnectionString = empty.ConnectionString;
        }));

        var exception = await Assert.ThrowsAsync<OrleansConfigurationException>(silo.Cluster.DeployAsync);

        Assert.Contains("ClearStorageKey", exception.Message, StringComparison.Ordinal);
        await empty.DisposeAsync();
    }

    protected override void Configure(ISiloBuilder silo) => silo.AddAdoNetGrainStorage("store", Configure);

    private void Configure(AdoNetGrainStorageOptions options)
    {
        options.ConnectionString = database.ConnectionString;
        options.Invariant = "Npgsql";
        options.GrainStorageSerializer = new JsonSerializerForTests();
    }

    private sealed class BrokenSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => throw new NotSupportedException();

        public T? Deserialize<T>(BinaryData input) => throw new NotSupportedException();
    }
}
