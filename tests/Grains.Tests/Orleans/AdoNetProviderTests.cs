using Grainflow.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>
/// The SQL of Orleans' AdoNet providers is ours (migrations 0002 and 0007), since the packages ship none. These pin it against the providers:
/// the names of queries, parameters and columns, and what each answer means.
/// </summary>
public sealed class AdoNetProviderTests
{
    private const string State = "note";

    [Fact]
    public async Task State_is_read_as_it_was_written_and_each_write_has_a_new_etag()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var storage = Storage(cluster);
        var id = GrainId.Create("test", "one");
        var written = new GrainState<Note>(new Note { Text = "first" });
        await storage.WriteStateAsync(State, id, written);
        var first = written.ETag;
        written.State = new Note { Text = "second" };
        await storage.WriteStateAsync(State, id, written);

        var read = new GrainState<Note>(new Note());
        await storage.ReadStateAsync(State, id, read);

        Assert.True(read.RecordExists);
        Assert.Equal("second", read.State?.Text);
        Assert.Equal(written.ETag, read.ETag);
        Assert.NotEqual(first, written.ETag);
    }

    [Fact]
    public async Task A_write_over_what_somebody_else_wrote_meanwhile_is_a_conflict_and_changes_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var storage = Storage(cluster);
        var id = GrainId.Create("test", "one");
        await storage.WriteStateAsync(State, id, new GrainState<Note>(new Note { Text = "first" }));
        var (mine, theirs) = (new GrainState<Note>(new Note()), new GrainState<Note>(new Note()));
        await storage.ReadStateAsync(State, id, mine);
        await storage.ReadStateAsync(State, id, theirs);
        theirs.State = new Note { Text = "theirs" };
        await storage.WriteStateAsync(State, id, theirs);

        mine.State = new Note { Text = "mine" };
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(State, id, mine));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync(State, id, mine));

        var read = new GrainState<Note>(new Note());
        await storage.ReadStateAsync(State, id, read);
        Assert.Equal("theirs", read.State?.Text);
    }

    [Fact]
    public async Task Of_first_writers_at_the_same_time_one_wins_and_the_others_have_a_conflict()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var storage = Storage(cluster);
        var id = GrainId.Create("test", "one");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Record.ExceptionAsync(
            () => storage.WriteStateAsync(State, id, new GrainState<Note>(new Note { Text = $"writer {i}" }))).AsTask()));

        Assert.Single(outcomes, exception => exception is null);
        Assert.All(outcomes.Where(exception => exception is not null), exception => Assert.IsType<InconsistentStateException>(exception));
    }

    [Fact]
    public async Task State_that_was_cleared_is_new_and_can_be_written_again()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var storage = Storage(cluster);
        var id = GrainId.Create("test", "one");
        var state = new GrainState<Note>(new Note { Text = "first" });
        await storage.WriteStateAsync(State, id, state);
        await storage.ClearStateAsync(State, id, state);

        var read = new GrainState<Note>(new Note());
        await storage.ReadStateAsync(State, id, read);
        Assert.False(read.RecordExists);
        Assert.Equal("", read.State?.Text);
        read.State = new Note { Text = "again" };
        await storage.WriteStateAsync(State, id, read);

        await storage.ReadStateAsync(State, id, read);
        Assert.Equal("again", read.State?.Text);
    }

    [Theory]
    [InlineData("a text", "another text")]
    [InlineData("6f9619ff8b86d011b42d00c04fc964ff", "6f9619ff8b86d011b42d00c04fc964fe")]
    public async Task Keys_of_every_form_have_states_of_their_own(string one, string other)
    {
        await using var cluster = await GrainCluster.StartAsync();
        var storage = Storage(cluster);
        await storage.WriteStateAsync(State, GrainId.Create("test", one), new GrainState<Note>(new Note { Text = "one" }));

        var read = new GrainState<Note>(new Note());
        await storage.ReadStateAsync(State, GrainId.Create("test", other), read);
        Assert.False(read.RecordExists);
        await storage.ReadStateAsync(State, GrainId.Create("test", one), read);
        Assert.Equal("one", read.State?.Text);
    }

    [Fact]
    public async Task State_is_stored_in_the_form_that_it_had_in_the_first_releases()
    {
        // Rows of the first releases have this form: service "default", state "profile", a JSON document.
        await using var cluster = await GrainCluster.StartAsync();
        var user = cluster.Grains.GetGrain<Interfaces.Users.IUserGrain>("user-1");
        Assert.True(await user.SetTimeZone("Europe/Berlin"));

        await using var rows = await cluster.Database.DataSource.CreateCommand(
            "SELECT ServiceId, GrainTypeString, GrainIdExtensionString, convert_from(PayloadBinary, 'UTF8') FROM OrleansStorage").ExecuteReaderAsync();
        Assert.True(await rows.ReadAsync());
        Assert.Equal(("default", "profile", "user-1", """{"TimeZone":"Europe/Berlin"}"""), (rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetString(3)));
    }

    [Fact]
    public async Task A_reminder_is_written_read_by_range_and_deleted_by_its_version_only()
    {
        await using var cluster = await GrainCluster.StartAsync();
        var table = cluster.Services.GetRequiredService<IReminderTable>();
        var id = GrainId.Create("test", "one");
        var start = new DateTime(2026, 3, 1, 10, 0, 0, DateTimeKind.Utc);
        var entry = new ReminderEntry { GrainId = id, ReminderName = "daily", StartAt = start, Period = TimeSpan.FromDays(40) };

        var first = (await table.UpsertRow(entry))!;
        var second = (await table.UpsertRow(new ReminderEntry { GrainId = id, ReminderName = "daily", StartAt = start, Period = TimeSpan.FromMinutes(5) }))!;

        var row = await table.ReadRow(id, "daily");
        Assert.NotEqual(first, second);
        Assert.NotNull(row);
        Assert.Equal((id, "daily", start, TimeSpan.FromMinutes(5), second), (row.GrainId, row.ReminderName, row.StartAt, row.Period, row.ETag));
        Assert.Single((await table.ReadRows(id)).Reminders);
        var hash = id.GetUniformHashCode();
        Assert.Single((await table.ReadRows(hash - 1, hash)).Reminders);
        Assert.Empty((await table.ReadRows(hash, hash + 1)).Reminders);
        Assert.Empty((await table.ReadRows(hash, hash - 1)).Reminders);
        Assert.Single((await table.ReadRows(hash + 1, hash)).Reminders);
        Assert.False(await table.RemoveRow(id, "daily", first));
        Assert.True(await table.RemoveRow(id, "daily", second));
        Assert.Null(await table.ReadRow(id, "daily"));
    }

    private static IGrainStorage Storage(GrainCluster cluster) => cluster.Services.GetRequiredKeyedService<IGrainStorage>(StateStorage.Name);

    /// <summary>A state of this test.</summary>
    public sealed record Note
    {
        /// <summary>Anything.</summary>
        public string Text { get; init; } = "";
    }
}
