using System.ComponentModel.DataAnnotations;
using System.Text;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Files;
using Grainflow.Grains;
using Grainflow.Silo.RunFiles;
using Grainflow.Storage;
using Grainflow.Storage.RunFiles;
using Grainflow.TestSupport;
using Npgsql;

namespace Grainflow.Silo.Tests.RunFiles;

public sealed class RunFileDatabase : IAsyncLifetime
{
    private TestDatabase? _database;

    public IRunFileStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        Store = new RunFileStore(new Database(_database.DataSource));
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}

public sealed class SharedRunFilesTests(RunFileDatabase database) : IClassFixture<RunFileDatabase>, IAsyncLifetime
{
    private const int DatabaseBytes = 1024 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-files-").FullName;
    private readonly ManualClock _clock = new();
    private readonly Guid _run = Guid.NewGuid();
    private ScriptedS3 _s3 = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Large => Enumerable.Repeat((byte)7, DatabaseBytes + 1).ToArray();

    public async ValueTask InitializeAsync() => _s3 = await ScriptedS3.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _s3.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_file_that_one_process_saves_is_read_by_another_one()
    {
        var name = await InCluster(s3: false).SaveAsync("a.txt", "hello"u8.ToArray(), Token);
        Assert.Equal("hello", await TextAsync(InCluster(s3: false), name));
    }

    [Fact]
    public async Task A_large_file_goes_to_S3_whole_and_is_read_by_another_process()
    {
        var name = await InCluster().SaveAsync("large.bin", Large, Token);

        Assert.Equal(Large, Assert.Single(_s3.Objects).Value);
        Assert.True((await InCluster().ReadAsync(name, Token)).Span.SequenceEqual(Large));
    }

    [Fact]
    public async Task A_large_file_without_S3_is_refused_in_a_cluster_by_the_name_of_the_setting()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => InCluster(s3: false).SaveAsync("large.bin", Large, Token));
        Assert.Contains("RUN_FILE_S3_BUCKET", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FileNotFoundException>(() => InCluster(s3: false).ReadAsync("large.bin", Token));
    }

    [Fact]
    public async Task A_large_file_of_a_server_that_is_alone_is_on_its_disk_and_a_cluster_says_so()
    {
        await Alone(s3: false).SaveAsync("large.bin", Large, Token);

        Assert.True((await Alone(s3: false).ReadAsync("large.bin", Token)).Span.SequenceEqual(Large));
        Assert.Single(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories));
        // With a bucket new files go there, and the old one is still read from the disk.
        Assert.True((await Alone().ReadAsync("large.bin", Token)).Span.SequenceEqual(Large));
        Assert.Contains("CLUSTER", (await Assert.ThrowsAsync<InvalidOperationException>(() => InCluster().ReadAsync("large.bin", Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_S3_is_named_where_no_bucket_is_set()
    {
        await InCluster().SaveAsync("large.bin", Large, Token);
        Assert.Contains("RUN_FILE_S3_BUCKET", (await Assert.ThrowsAsync<InvalidOperationException>(() => InCluster(s3: false).ReadAsync("large.bin", Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_earlier_versions_are_read_by_a_server_that_is_alone_until_they_are_saved_anew()
    {
        Directory.CreateDirectory(Path.Combine(_folder, _run.ToString()));
        await File.WriteAllTextAsync(Path.Combine(_folder, _run.ToString(), "old.txt"), "from the disk", Token);

        Assert.Equal("from the disk", await TextAsync(Alone(), "old.txt"));
        await Assert.ThrowsAsync<FileNotFoundException>(() => InCluster().ReadAsync("old.txt", Token));
        await Alone().SaveAsync("old.txt", "new"u8.ToArray(), Token);
        Assert.Equal("new", await TextAsync(Alone(), "old.txt"));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task A_name_that_is_not_a_plain_one_is_refused(string name)
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Alone().SaveAsync(name, "x"u8.ToArray(), Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Alone().ReadAsync(name, Token));
    }

    [Fact]
    public async Task A_name_without_a_form_in_UTF_8_is_refused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Alone().SaveAsync(new string('\ud800', 1), "x"u8.ToArray(), Token));

    [Fact]
    public async Task A_name_has_at_most_200_characters_of_any_kind()
    {
        var longest = string.Concat(Enumerable.Repeat("🙂", 200));
        Assert.Equal(longest, await Alone().SaveAsync(longest, "x"u8.ToArray(), Token));
        Assert.Equal("x", await TextAsync(Alone(), longest));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Alone().SaveAsync(longest + "a", "x"u8.ToArray(), Token));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named() =>
        Assert.Contains("'none.txt'", (await Assert.ThrowsAsync<FileNotFoundException>(() => Alone().ReadAsync("none.txt", Token))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task What_S3_refuses_is_told_by_its_code_and_nothing_is_visible()
    {
        _s3.Refusals.Enqueue((403, "InvalidAccessKeyId"));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => InCluster().SaveAsync("large.bin", Large, Token));

        Assert.Contains("403 InvalidAccessKeyId", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("AKIATEST", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FileNotFoundException>(() => InCluster().ReadAsync("large.bin", Token));
    }

    [Fact]
    public async Task A_content_that_was_written_and_not_saved_is_deleted_when_it_cannot_be_saved_any_more()
    {
        var broken = new FaultyStore(database.Store) { FailSave = () => new InvalidOperationException("The process ends here.") };
        await Assert.ThrowsAsync<InvalidOperationException>(() => Files(broken, s3: true, alone: false).SaveAsync("large.bin", Large, Token));
        Assert.Single(_s3.Objects);
        await Assert.ThrowsAsync<FileNotFoundException>(() => InCluster().ReadAsync("large.bin", Token));

        await SweepAsync();
        Assert.Single(_s3.Objects);
        _clock.Advance(TimeSpan.FromDays(2));
        await SweepAsync();
        Assert.Empty(_s3.Objects);
    }

    [Fact]
    public async Task A_content_that_is_replaced_is_deleted()
    {
        await InCluster().SaveAsync("large.bin", Large, Token);
        await InCluster().SaveAsync("large.bin", "small"u8.ToArray(), Token);

        await SweepAsync();

        Assert.Empty(_s3.Objects);
        Assert.Equal("small", await TextAsync(InCluster(), "large.bin"));
    }

    [Fact]
    public async Task A_reader_whose_content_is_replaced_and_deleted_meanwhile_reads_the_new_one()
    {
        await InCluster().SaveAsync("large.bin", Large, Token);
        _s3.BeforeRead = async _ =>
        {
            _s3.BeforeRead = _ => Task.CompletedTask;
            await InCluster().SaveAsync("large.bin", "small"u8.ToArray(), Token);
            await SweepAsync();
        };

        Assert.Equal("small", await TextAsync(InCluster(), "large.bin"));
    }

    [Fact]
    public async Task A_content_that_somebody_else_deleted_is_told()
    {
        await InCluster().SaveAsync("large.bin", Large, Token);
        _s3.Objects.Clear();
        Assert.Contains("large.bin", (await Assert.ThrowsAsync<FileNotFoundException>(() => InCluster().ReadAsync("large.bin", Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_away_for_a_moment_fails_neither_a_save_nor_a_read()
    {
        var left = 2;
        var faulty = new FaultyStore(database.Store) { FailSave = Away, FailFind = Away };
        Exception? Away() => left-- > 0 ? new NpgsqlException("The connection is broken.") : null;

        var save = Files(faulty, s3: true, alone: false).SaveAsync("a.txt", "x"u8.ToArray(), Token);
        await PassTimeAsync(save);
        left = 2;
        var read = Files(faulty, s3: true, alone: false).ReadAsync("a.txt", Token);
        await PassTimeAsync(read);

        Assert.Equal("x", Encoding.UTF8.GetString((await read).Span));
    }

    [Fact]
    public async Task An_upload_is_read_by_any_run_of_its_user_and_by_nobody_else()
    {
        var upload = new UploadReference("user", Guid.NewGuid(), "a.txt");
        await All(alone: false).SaveUploadAsync(upload, "hello"u8.ToArray(), TimeSpan.FromHours(2), Token);

        Assert.Equal("hello", Encoding.UTF8.GetString((await InCluster().ReadUploadAsync(upload, Token)).Span));
        var other = All(alone: false).Of(_run, "other");
        await Assert.ThrowsAsync<FileNotFoundException>(() => other.ReadUploadAsync(upload, Token));
        await Assert.ThrowsAsync<FileNotFoundException>(() => other.ReadUploadAsync(upload with { UserId = "other" }, Token));
        await Assert.ThrowsAsync<FileNotFoundException>(() => InCluster().ReadUploadAsync(upload with { Name = "b.txt" }, Token));
        // It is no file of a run, nor is a file of a run an upload.
        await Assert.ThrowsAsync<FileNotFoundException>(() => All(alone: false).Of(upload.Id, "user").ReadAsync("a.txt", Token));
        await InCluster().SaveAsync("of-run.txt", "x"u8.ToArray(), Token);
        await Assert.ThrowsAsync<FileNotFoundException>(() => InCluster().ReadUploadAsync(new UploadReference("user", _run, "of-run.txt"), Token));
    }

    [Fact]
    public async Task An_upload_cannot_be_read_when_it_has_expired_and_is_deleted_then()
    {
        var upload = new UploadReference("user", Guid.NewGuid(), "large.bin");
        await All(alone: false).SaveUploadAsync(upload, Large, TimeSpan.FromHours(2), Token);
        _clock.Advance(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        Assert.Equal(Large.Length, (await InCluster().ReadUploadAsync(upload, Token)).Length);

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains("expired", (await Assert.ThrowsAsync<FileNotFoundException>(() => InCluster().ReadUploadAsync(upload, Token))).Message, StringComparison.Ordinal);
        Assert.Single(_s3.Objects);
        await SweepAsync();
        Assert.Empty(_s3.Objects);
    }

    [Fact]
    public async Task An_upload_may_be_larger_than_a_file_of_a_run_which_then_does_not_read_it()
    {
        var upload = new UploadReference("user", Guid.NewGuid(), "huge.bin");
        await All(database.Store, s3: false, alone: true).SaveUploadAsync(upload, new byte[101 * 1024 * 1024], TimeSpan.FromHours(2), Token);
        // Nobody looks for its content.
        Directory.Delete(Path.Combine(_folder, "large"), recursive: true);

        Assert.Contains("100 MB", (await Assert.ThrowsAsync<InvalidOperationException>(() => Alone(s3: false).ReadUploadAsync(upload, Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_of_S3_that_do_not_fit_together_are_refused()
    {
        Assert.Empty(Problems(new RunFileOptions { S3Bucket = "b", S3AccessKeyId = "i", S3SecretAccessKey = "s" }));
        Assert.Contains("belong together", Assert.Single(Problems(new RunFileOptions { S3Bucket = "b", S3AccessKeyId = "i" })), StringComparison.Ordinal);
        Assert.Contains("RUN_FILE_S3_BUCKET", Assert.Single(Problems(new RunFileOptions { S3Endpoint = new Uri("http://localhost:9000") })), StringComparison.Ordinal);
    }

    private static List<string?> Problems(RunFileOptions options)
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true);
        return problems.ConvertAll(problem => problem.ErrorMessage);
    }

    private async Task PassTimeAsync(Task work)
    {
        while (!work.IsCompleted)
        {
            if (_clock.ArmedTimers > 0) _clock.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(work, _clock.WaitForTimerAsync(Token));
        }

        await work;
    }

    private IRunFiles InCluster(bool s3 = true) => Files(database.Store, s3, alone: false);

    private IRunFiles Alone(bool s3 = true) => Files(database.Store, s3, alone: true);

    private IRunFiles Files(IRunFileStore store, bool s3, bool alone) => All(store, s3, alone).Of(_run, "user");

    private SharedRunFiles All(bool alone) => All(database.Store, s3: true, alone);

    private SharedRunFiles All(IRunFileStore store, bool s3, bool alone) =>
        new(store, Places(s3, alone), alone ? new EarlierRunFiles(_folder) : null, DatabaseBytes, new RandomIds(), _clock);

    private List<ILargeFiles> Places(bool s3, bool alone)
    {
        var places = new List<ILargeFiles>();
        var options = new RunFileOptions { S3Endpoint = _s3.Endpoint, S3AccessKeyId = "AKIATEST", S3SecretAccessKey = "secret" };
        if (s3) places.Add(new S3LargeFiles(ScriptedS3.Bucket, options));
        if (alone) places.Add(new DiskLargeFiles(Path.Combine(_folder, "large")));
        return places;
    }

    private async Task SweepAsync()
    {
        var sweeper = new RunFileSweeper(database.Store, Places(s3: true, alone: true), _clock);
        await sweeper.DeleteAsync(Token);
    }

    private static async Task<string> TextAsync(IRunFiles files, string name) => Encoding.UTF8.GetString((await files.ReadAsync(name, Token)).Span);

    /// <summary>A store that fails when a test wants it to.</summary>
    private sealed class FaultyStore(IRunFileStore inner) : IRunFileStore
    {
        public Func<Exception?> FailSave { get; init; } = () => null;

        public Func<Exception?> FailFind { get; init; } = () => null;

        public Task<bool> SaveAsync(RunFileRow file, ReadOnlyMemory<byte> content, long maxBytes, CancellationToken cancellationToken) =>
            FailSave() is { } error ? throw error : inner.SaveAsync(file, content, maxBytes, cancellationToken);

        public Task<StoredRunFile?> FindAsync(Guid runId, string name, string userId, CancellationToken cancellationToken) =>
            FailFind() is { } error ? throw error : inner.FindAsync(runId, name, userId, cancellationToken);

        public Task AnnounceAsync(Guid contentId, RunFilePlace place, DateTimeOffset dueAt, CancellationToken cancellationToken) => inner.AnnounceAsync(contentId, place, dueAt, cancellationToken);

        public Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => inner.DeleteExpiredAsync(now, limit, cancellationToken);

        public Task<IReadOnlyList<Guid>> RemovableAsync(RunFilePlace place, DateTimeOffset now, int limit, CancellationToken cancellationToken) => inner.RemovableAsync(place, now, limit, cancellationToken);

        public Task RemovedAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken) => inner.RemovedAsync(contentIds, cancellationToken);
    }
}
