using Npgsql;

namespace Grainflow.Storage.Hosting;

/// <summary>Checks whether the database answers.</summary>
/// <param name="database">The database.</param>
public sealed class DatabaseProbe(Database database)
{
    /// <summary>Why the database cannot be used, or null when it can.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.ListAsync("SELECT 1", [], row => row.GetInt32(0), cancellationToken);
            return null;
        }
        catch (NpgsqlException exception)
        {
            return exception.Message;
        }
    }
}
