using Grainflow.Storage.Execution;
using Grainflow.Storage.Graphs;
using Grainflow.Storage.RunFiles;

namespace Grainflow.Storage.Tests.RunFiles;

public class RunFileStoreTests(DatabaseFixture fixture) : IClassFixture<DatabaseFixture>
{
    private const long Plenty = 1L << 40;
    private const string User = "owner";

    private static readonly DateTimeOffset Now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    private readonly RunFileStore _store = new(fixture.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(RunFileStore.PageBytes)]
    [InlineData(RunFileStore.PageBytes + 1)]
    [InlineData(3 * RunFileStore.PageBytes - 1)]
    public async Task A_file_of_any_number_of_pages_is_read_as_it_was_saved(int bytes)
    {
        var content = Bytes(bytes, 1);
        var file = File(bytes: bytes);

        Assert.True(await _store.SaveAsync(file, content, Plenty, Token));

        var found = await _store.FindAsync(file.RunId, file.Name, User, Token);
        Assert.Equal(file, found!.Row);
        Assert.True(found.Content!.Value.Span.SequenceEqual(content));
        Assert.Equal((bytes + RunFileStore.PageBytes - 1) / RunFileStore.PageBytes, await PagesAsync(file.ContentId));
    }

    [Fact]
    public async Task A_file_is_found_by_its_run_its_name_and_its_user_alone()
    {
        var file = File();
        await _store.SaveAsync(file, Bytes(3, 1), Plenty, Token);

        Assert.Null(await _store.FindAsync(fixture.NextId(), file.Name, User, Token));
        Assert.Null(await _store.FindAsync(file.RunId, "other.txt", User, Token));
        Assert.Null(await _store.FindAsync(file.RunId, file.Name, "somebody else", Token));
    }

    [Fact]
    public async Task A_file_that_is_saved_anew_leaves_nothing_of_the_one_before()
    {
        var first = File(bytes: RunFileStore.PageBytes * 2);
        var second = first with { ContentId = fixture.NextId(), Bytes = 5 };
        await _store.SaveAsync(first, Bytes((int)first.Bytes, 1), Plenty, Token);

        await _store.SaveAsync(second, Bytes(5, 2), Plenty, Token);

        Assert.Equal(second, (await _store.FindAsync(first.RunId, first.Name, User, Token))!.Row);
        Assert.Equal((0, 1), (await PagesAsync(first.ContentId), await PagesAsync(second.ContentId)));
    }

    [Fact]
    public async Task A_reader_sees_the_old_content_or_the_new_one_whole_while_many_save()
    {
        var file = File(bytes: RunFileStore.PageBytes * 2);
        await _store.SaveAsync(file, Bytes((int)file.Bytes, 0), Plenty, Token);

        var savers = Enumerable.Range(1, 4).Select(async saver =>
        {
            for (var i = 0; i < 5; i++)
                await _store.SaveAsync(file with { ContentId = fixture.NextId() }, Bytes((int)file.Bytes, (byte)saver), Plenty, Token);
        });
        var all = Task.WhenAll(savers);
        var reads = 0;
        do
        {
            var content = (await _store.FindAsync(file.RunId, file.Name, User, Token))!.Content!.Value;
            Assert.Equal(-1, content.Span.IndexOfAnyExcept(content.Span[0]));
            reads++;
        }
        while (!all.IsCompleted || reads < 3);
        await all;
        var kept = (await _store.FindAsync(file.RunId, file.Name, User, Token))!.Row.ContentId;
        Assert.Equal(2, await PagesAsync(kept));
        Assert.Equal(0, await fixture.Source.ScalarAsync("SELECT count(*) FROM run_file_pages p WHERE NOT EXISTS (SELECT FROM run_files f WHERE f.content_id = p.content_id)"));
    }

    [Fact]
    public async Task A_save_that_ends_halfway_leaves_nothing_that_can_be_seen()
    {
        var file = File(bytes: RunFileStore.PageBytes + 10);
        var broken = file with { Bytes = -1, ContentId = fixture.NextId() };
        await _store.SaveAsync(file, Bytes((int)file.Bytes, 1), Plenty, Token);

        // The pages are written and the row is refused by the table: the transaction ends there, as it does when the process ends.
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => _store.SaveAsync(broken, Bytes(RunFileStore.PageBytes * 2, 2), Plenty, Token));

        Assert.Equal(file, (await _store.FindAsync(file.RunId, file.Name, User, Token))!.Row);
        Assert.Equal(0, await PagesAsync(broken.ContentId));
    }

    [Fact]
    public async Task The_files_of_a_run_have_a_limit_together_in_which_the_replaced_one_does_not_count()
    {
        var file = File(bytes: 60);
        Assert.True(await _store.SaveAsync(file, Bytes(60, 1), 100, Token));
        Assert.False(await _store.SaveAsync(file with { Name = "b", ContentId = fixture.NextId(), Bytes = 41 }, Bytes(41, 1), 100, Token));
        Assert.Null(await _store.FindAsync(file.RunId, "b", User, Token));
        Assert.True(await _store.SaveAsync(file with { ContentId = fixture.NextId(), Bytes = 100 }, Bytes(100, 1), 100, Token));
        Assert.True(await _store.SaveAsync(file with { RunId = fixture.NextId(), ContentId = fixture.NextId(), Bytes = 100 }, Bytes(100, 1), 100, Token));
    }

    [Fact]
    public async Task Of_many_files_saved_at_once_only_as_many_are_taken_as_have_room()
    {
        var run = fixture.NextId();
        var saved = await Task.WhenAll(Enumerable.Range(0, 10).Select(
            number => _store.SaveAsync(File(bytes: 30) with { RunId = run, Name = $"{number}" }, Bytes(30, 1), 100, Token)));
        Assert.Equal(3, saved.Count(taken => taken));
    }

    [Fact]
    public async Task A_content_outside_of_the_database_is_due_for_removal_until_it_is_saved_and_after_it_is_replaced()
    {
        var file = File(bytes: 1 << 30) with { Place = RunFilePlace.S3 };
        await _store.AnnounceAsync(file.ContentId, RunFilePlace.S3, Now.AddDays(2), Token);
        Assert.DoesNotContain(file.ContentId, await _store.RemovableAsync(RunFilePlace.S3, Now.AddDays(1), 1000, Token));
        Assert.Contains(file.ContentId, await _store.RemovableAsync(RunFilePlace.S3, Now.AddDays(2), 1000, Token));
        Assert.DoesNotContain(file.ContentId, await _store.RemovableAsync(RunFilePlace.Disk, Now.AddDays(2), 1000, Token));

        Assert.True(await _store.SaveAsync(file, default, Plenty, Token));
        Assert.Equal(new StoredRunFile(file, Content: null), await _store.FindAsync(file.RunId, file.Name, User, Token));
        Assert.DoesNotContain(file.ContentId, await _store.RemovableAsync(RunFilePlace.S3, Now.AddDays(9), 1000, Token));

        await _store.SaveAsync(File() with { RunId = file.RunId }, Bytes(3, 1), Plenty, Token);
        Assert.Contains(file.ContentId, await _store.RemovableAsync(RunFilePlace.S3, Now, 1000, Token));

        await _store.RemovedAsync([file.ContentId], Token);
        Assert.DoesNotContain(file.ContentId, await _store.RemovableAsync(RunFilePlace.S3, Now.AddDays(9), 1000, Token));
    }

    [Fact]
    public async Task A_content_that_was_not_announced_or_was_removed_meanwhile_is_not_saved()
    {
        var file = File() with { Place = RunFilePlace.Disk };
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.SaveAsync(file, default, Plenty, Token));
        Assert.Null(await _store.FindAsync(file.RunId, file.Name, User, Token));
    }

    [Fact]
    public async Task Files_go_with_the_graph_version_of_their_run()
    {
        var graphs = new GraphStore(fixture.Source);
        var (gone, kept) = (await RunAsync(graphs), await RunAsync(graphs));
        var (inPages, outside, ofOther) = (File() with { RunId = gone.Id }, File() with { RunId = gone.Id, Name = "large", Place = RunFilePlace.S3 }, File() with { RunId = kept.Id });
        await _store.AnnounceAsync(outside.ContentId, RunFilePlace.S3, Now.AddDays(2), Token);
        foreach (var file in new[] { inPages, outside, ofOther })
            Assert.True(await _store.SaveAsync(file, file.Place == RunFilePlace.Database ? Bytes(3, 1) : default, Plenty, Token));
        await graphs.DeleteAsync(gone.GraphId, gone.UserId, Now, Token);

        Assert.Equal(1, await graphs.CollectDeletedAsync(Token));

        Assert.Null(await _store.FindAsync(gone.Id, inPages.Name, User, Token));
        Assert.Null(await _store.FindAsync(gone.Id, outside.Name, User, Token));
        Assert.Equal((0, 1), (await PagesAsync(inPages.ContentId), await PagesAsync(ofOther.ContentId)));
        Assert.Contains(outside.ContentId, await _store.RemovableAsync(RunFilePlace.S3, Now, 1000, Token));
        Assert.NotNull(await _store.FindAsync(kept.Id, ofOther.Name, User, Token));
    }

    [Fact]
    public async Task Files_of_no_run_expire_after_a_day_and_those_of_a_run_do_not()
    {
        var run = await RunAsync(new GraphStore(fixture.Source));
        var (ofRun, ofBlock) = (File() with { RunId = run.Id }, File());
        foreach (var file in new[] { ofRun, ofBlock }) await _store.SaveAsync(file, Bytes(3, 1), Plenty, Token);

        await _store.DeleteExpiredAsync(Now.AddDays(1).AddSeconds(-1), 1000, Token);
        Assert.NotNull(await _store.FindAsync(ofBlock.RunId, ofBlock.Name, User, Token));
        await _store.DeleteExpiredAsync(Now.AddDays(1), 1000, Token);

        Assert.Null(await _store.FindAsync(ofBlock.RunId, ofBlock.Name, User, Token));
        Assert.Equal(0, await PagesAsync(ofBlock.ContentId));
        Assert.NotNull(await _store.FindAsync(run.Id, ofRun.Name, User, Token));
    }

    [Fact]
    public async Task Uploads_expire_and_have_a_limit_of_their_user_in_which_expired_ones_do_not_count()
    {
        var user = fixture.NextUser();
        RunFileRow Upload(int bytes, DateTimeOffset until) => File(bytes: bytes) with { UserId = user, UploadExpiresAt = until };
        var (gone, kept) = (Upload(60, Now.AddHours(1)), Upload(30, Now.AddHours(2)));
        Assert.True(await _store.SaveAsync(gone, Bytes(60, 1), 100, Token));
        Assert.True(await _store.SaveAsync(kept, Bytes(30, 1), 100, Token));
        Assert.False(await _store.SaveAsync(Upload(20, Now.AddHours(9)), Bytes(20, 1), 100, Token));
        // The same upload again, and another one when the first has expired.
        Assert.True(await _store.SaveAsync(kept with { ContentId = fixture.NextId() }, Bytes(30, 1), 100, Token));
        Assert.True(await _store.SaveAsync(Upload(60, Now.AddHours(9)) with { SavedAt = Now.AddHours(1) }, Bytes(60, 1), 100, Token));
        Assert.Equal(Now.AddHours(2), (await _store.FindAsync(kept.RunId, kept.Name, user, Token))!.Row.UploadExpiresAt);

        await _store.DeleteExpiredAsync(Now.AddHours(1), 1000, Token);

        Assert.Null(await _store.FindAsync(gone.RunId, gone.Name, user, Token));
        Assert.Equal(0, await PagesAsync(gone.ContentId));
        Assert.NotNull(await _store.FindAsync(kept.RunId, kept.Name, user, Token));
    }

    private RunFileRow File(long bytes = 3) => new(fixture.NextId(), "a.txt", User, fixture.NextId(), bytes, RunFilePlace.Database, Now);

    private static byte[] Bytes(int count, byte value)
    {
        var bytes = new byte[count];
        Array.Fill(bytes, value);
        return bytes;
    }

    private Task<long> PagesAsync(Guid contentId) => fixture.Source.ScalarAsync("SELECT count(*) FROM run_file_pages WHERE content_id = $1", contentId);

    private async Task<NewRun> RunAsync(GraphStore graphs)
    {
        var graph = new GraphRow { Id = fixture.NextId(), Version = 1, UserId = User, Name = "name", Document = Text.Json("{}"), CreatedAt = Now };
        Assert.True(await graphs.InsertAsync([graph], Token));
        var id = fixture.NextId();
        var run = new NewRun
        {
            Id = id,
            UserId = User,
            GraphId = graph.Id,
            GraphVersion = 1,
            Status = "COMPLETED",
            Inputs = Text.Json("{}"),
            Spec = Text.Json("{}"),
            RootRunId = id,
            CreatedAt = Now,
        };
        Assert.Equal(RunCreation.Created, await new RunStore(fixture.Source).CreateAsync(run, [], Token));
        return run;
    }
}
