using System.Security.Cryptography;
using Grainflow.Engine.Catalogue;
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

    /// <summary>Gives the agent to a user, with new ids, and validates it. Nothing is stored.</summary>
    /// <param name="catalogue">The blocks.</param>
    /// <param name="userId">The user.</param>
    /// <param name="newId">Creates a new id at each call.</param>
    /// <exception cref="CliException">It cannot run; the message has each problem.</exception>
    public ImportedGraph Import(IBlockCatalogue catalogue, string userId, Func<string> newId)
    {
        RequireBlocks(catalogue);
        try
        {
            return GraphImport.Import(Bundle, catalogue, userId, newId);
        }
        catch (GraphValidationException exception)
        {
            throw CannotRun(exception.Problems);
        }
    }

    /// <summary>Refuses an agent with blocks that are not known here: it could be stored, but not run.</summary>
    /// <exception cref="CliException">It has such blocks; the message has each node.</exception>
    public void RequireBlocks(IBlockCatalogue catalogue)
    {
        var problems = Bundle.All.SelectMany((graph, index) => GraphPlaceholders.Problems(new GraphIndex(graph, catalogue), subAgent: index > 0)).ToList();
        if (problems.Count > 0) throw CannotRun(problems);
    }

    private CliException CannotRun(IEnumerable<GraphProblem> problems) => new($"{Name} cannot run.\n" + string.Join("\n", problems.Select(problem => "  " + problem.Message)));
}
