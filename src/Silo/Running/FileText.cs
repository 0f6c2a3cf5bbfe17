using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Running;

/// <summary>Reads the files that a command line names.</summary>
internal static class FileText
{
    private const long MaxBytes = 64L * 1024 * 1024;

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="CliException">It is not there, is too large, or cannot be read.</exception>
    public static byte[] Read(string path, string what)
    {
        try
        {
            if (Directory.Exists(path)) throw new CliException($"The {what} '{path}' is a folder, not a file.", ExitCodes.Usage);
            if (!File.Exists(path)) throw new CliException($"The {what} '{path}' does not exist.", ExitCodes.Usage);
            if (new FileInfo(path).Length > MaxBytes) throw new CliException($"The {what} '{path}' is larger than {MaxBytes / 1024 / 1024} MB.", ExitCodes.Usage);
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The {what} '{path}' cannot be read: {exception.Message}", ExitCodes.Usage);
        }
    }
}
