using Grainflow.Storage.Credentials;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Grainflow.Storage.Tests.Credentials;

public sealed class EncryptionKeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grainflow-keys-").FullName;

    private string KeyFile => Path.Combine(_folder, "encryption.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_process_that_is_alone_makes_a_key_file_that_only_its_user_reads_and_says_so_once()
    {
        var log = new LineLog();
        var name = Keys(file: KeyFile, log: log).Ring().Current.Name;

        Assert.Equal(name, Keys(file: KeyFile, log: log).Ring().Current.Name);
        Assert.Equal([KeyFile], Directory.GetFiles(_folder));
        Assert.Contains(KeyFile, Assert.Single(log.Lines), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
    }

    [Fact]
    public void A_key_of_the_settings_comes_before_the_key_file_whose_key_stays_readable()
    {
        var inFile = EncryptionKey.Parse(WithKeyFile());
        var sealedByFile = Envelope.CreateDataKey("user", new KeyRing(inFile));
        var given = EncryptionKey.Create();

        var ring = Keys(given.Export(), file: KeyFile).Ring();

        Assert.Equal(given.Name, ring.Current.Name);
        Assert.Equal(EncryptionKey.Length, Envelope.OpenDataKey(sealedByFile, "user", ring).Length);
    }

    [Fact]
    public void A_process_of_a_cluster_needs_the_setting()
    {
        var error = Assert.Throws<EncryptionKeyException>(() => Keys().Ring());
        Assert.StartsWith("ENCRYPTION_KEY is not set.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_key_file_is_an_error_and_is_not_overwritten()
    {
        File.WriteAllText(KeyFile, "half a key");
        var error = Assert.Throws<EncryptionKeyException>(() => Keys(file: KeyFile).Ring());
        Assert.Contains($"{KeyFile} was damaged", error.Message, StringComparison.Ordinal);
        Assert.Equal("half a key", File.ReadAllText(KeyFile));
    }

    [Fact]
    public void A_draft_that_a_crash_has_left_is_not_taken_for_a_key()
    {
        File.WriteAllText(KeyFile + ".new", EncryptionKey.Create().Export());
        Keys(file: KeyFile).Ring();
        Assert.Equal([KeyFile], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("short", "", "ENCRYPTION_KEY cannot be read")]
    [InlineData("", "short", "ENCRYPTION_KEY_OLD cannot be read")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "", "it must be one key")]
    public void A_wrong_setting_is_named(string key, string older, string message) =>
        Assert.Contains(message, Assert.Throws<EncryptionKeyException>(() => Keys(key, older).Ring()).Message, StringComparison.Ordinal);

    private string WithKeyFile()
    {
        Keys(file: KeyFile).Ring();
        return File.ReadAllText(KeyFile);
    }

    private static EncryptionKeys Keys(string key = "", string older = "", string? file = null, LineLog? log = null) => new(
        Options.Create(new EncryptionOptions { Key = key, OlderKeys = older, KeyFile = file }),
        log is null ? NullLogger<EncryptionKeys>.Instance : log);

    private sealed class LineLog : ILogger<EncryptionKeys>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
