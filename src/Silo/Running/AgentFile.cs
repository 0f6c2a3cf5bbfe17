using System.Security.Cryptography;
using Grainflow.Engine.Graphs;
using Grainflow.Silo.CommandLine;

namespace Grainflow.Silo.Running;

/// <summary>An exported agent in a file.</summary>
/// <param name="Name">The file's name without its folder.</param>
/// <param name="Bundle">Its graphs.</param>
/// <param name="ContentHash">SHA-256 of the file: the same file with the same inputs is the same command.</param>
internal sealed record AgentFile(string Name, GraphBundle Bundle, byte[] ContentHash)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="CliException">It is not there, cannot be read, or is not an agent.</exception>
    public static AgentFile Read(string path)
    {
        var content = FileText.Read(path, "agent");
        try
        {
            return new AgentFile(Path.GetFileName(path), GraphDocument.ReadBundle(content), SHA256.HashData(content));
        }
        catch (GraphValidationException exception)
        {
            throw new CliException($"{path} is not an agent that can run here.\n" + string.Join("\n", exception.Problems.Select(problem => "  " + problem)));
        }
    }
}
