using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grainflow.Storage.Credentials;

/// <summary>The keys of the settings that secrets are encrypted with.</summary>
public sealed class EncryptionOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Encryption";

    /// <summary>The key that new data keys are sealed by, as <see cref="EncryptionKey.Parse"/> reads it; empty for the key of <see cref="KeyFile"/>. Setting <c>ENCRYPTION_KEY</c>.</summary>
    public string Key { get; set; } = "";

    /// <summary>Further keys that data keys may be sealed by, with commas between. Setting <c>ENCRYPTION_KEY_OLD</c>.</summary>
    public string OlderKeys { get; set; } = "";

    /// <summary>The file that has the key where none is set; made when it is first needed. Null for a process of a cluster, whose key must be set.</summary>
    public string? KeyFile { get; set; }
}

/// <summary>Secrets cannot be sealed or opened, because the settings or the key file have no usable key. The message names the cure and contains no key.</summary>
public sealed class EncryptionKeyException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Cause and cure.</param>
    /// <param name="innerException">The error behind it, or null.</param>
    public EncryptionKeyException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>The key ring of this process. It is read when a secret is first sealed or opened, so that a process without secrets needs no key.</summary>
/// <param name="options">The keys.</param>
/// <param name="logger">Tells of a key file that was made.</param>
public sealed partial class EncryptionKeys(IOptions<EncryptionOptions> options, ILogger<EncryptionKeys> logger)
{
    private readonly Lock _reading = new();
    private KeyRing? _ring;

    /// <summary>The keys.</summary>
    /// <exception cref="EncryptionKeyException">There is no key, or one cannot be read.</exception>
    public KeyRing Ring()
    {
        lock (_reading) return _ring ??= Read();
    }

    /// <summary>Reads keys with commas between.</summary>
    /// <exception cref="FormatException">One of them is not a key. The message does not contain it.</exception>
    public static IReadOnlyList<EncryptionKey> ParseAll(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(EncryptionKey.Parse)];

    private KeyRing Read()
    {
        var older = Parse("ENCRYPTION_KEY_OLD", options.Value.OlderKeys);
        var given = Parse("ENCRYPTION_KEY", options.Value.Key);
        var ofFile = options.Value.KeyFile is { } file ? ReadFile(file) : null;
        if (given is [var key]) return new KeyRing(key, ofFile is null ? older : [.. older, ofFile]);
        if (given.Count > 1) throw new EncryptionKeyException("ENCRYPTION_KEY has a comma; it must be one key. Put older ones into ENCRYPTION_KEY_OLD.");
        if (options.Value.KeyFile is not { } path)
            throw new EncryptionKeyException("ENCRYPTION_KEY is not set. All processes of a cluster need the same one to store and read credentials; make one with: head -c 32 /dev/urandom | base64");
        return new KeyRing(ofFile ?? CreateFile(path), older);
    }

    private static IReadOnlyList<EncryptionKey> Parse(string setting, string text)
    {
        try
        {
            return ParseAll(text);
        }
        catch (FormatException exception)
        {
            throw new EncryptionKeyException($"{setting} cannot be read. {exception.Message}", exception);
        }
    }

    private static EncryptionKey? ReadFile(string path)
    {
        try
        {
            return EncryptionKey.Parse(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (FormatException exception)
        {
            throw new EncryptionKeyException($"The key file {path} was damaged: it does not hold 32 bytes in base64. Restore it from a backup; it was not changed.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EncryptionKeyException($"The key file {path} cannot be read: {exception.Message}", exception);
        }
    }

    private EncryptionKey CreateFile(string path)
    {
        var key = EncryptionKey.Create();
        var draft = path + ".new";
        try
        {
            // Written beside and renamed, so that a crash leaves either no key file or a whole one.
            File.Delete(draft);
            var access = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) access.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(draft, access))
            {
                using (var writer = new StreamWriter(stream, leaveOpen: true)) writer.WriteLine(key.Export());
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EncryptionKeyException($"The key file {path} cannot be made: {exception.Message} Set ENCRYPTION_KEY, or make its folder writable.", exception);
        }

        KeyFileMade(path);
        return key;
    }

    [LoggerMessage(2850, LogLevel.Warning, "Made {Path}, the key that credentials are encrypted with. Back it up: without it they cannot be read. Setting ENCRYPTION_KEY takes its place.")]
    private partial void KeyFileMade(string path);
}
