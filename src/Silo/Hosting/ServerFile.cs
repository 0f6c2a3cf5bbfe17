using System.Text.Json;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// The file with the address of the server of a data folder, for command lines on the same data. It is valid only while a process holds the instance lock; the
/// process that acquires the lock removes the file of a dead server.
/// </summary>
internal sealed record ServerFile
{
    private const string Name = "server.json";

    /// <summary>The server's address, for example <c>http://127.0.0.1:8000</c>.</summary>
    public required string Url { get; init; }

    /// <summary>The process id of the server.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Writes the file. It replaces an older one in one step, so that a reader does not see half a file.</summary>
    public static void Write(string folder, string url)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, Name);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(new ServerFile { Url = url, ProcessId = Environment.ProcessId }));
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Reads the file. Null when it does not exist, cannot be read or has no address.</summary>
    public static ServerFile? Read(string folder)
    {
        try
        {
            var file = JsonSerializer.Deserialize<ServerFile>(File.ReadAllText(Path.Combine(folder, Name)));
            return Uri.TryCreate(file?.Url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp ? file : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Removes the file, if it or its folder is still there.</summary>
    public static void Remove(string folder)
    {
        if (Directory.Exists(folder)) File.Delete(Path.Combine(folder, Name));
    }
}
