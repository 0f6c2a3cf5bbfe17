using System.Text.Json;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// Where the server of a data folder is, for command lines on the same data. It counts only while somebody holds the
/// data: whoever gets the right to use the folder removes what a dead server left.
/// </summary>
internal sealed record ServerFile
{
    private const string Name = "server.json";

    /// <summary>The server's address, for example <c>http://127.0.0.1:8000</c>.</summary>
    public required string Url { get; init; }

    /// <summary>The server's process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Writes the file.</summary>
    public static void Write(string folder, string url)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, Name);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(new ServerFile { Url = url, ProcessId = Environment.ProcessId }));
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Reads the file; null when there is none, or none that can be read.</summary>
    public static ServerFile? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<ServerFile>(File.ReadAllText(Path.Combine(folder, Name)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Removes the file.</summary>
    public static void Remove(string folder) => File.Delete(Path.Combine(folder, Name));
}
