using Npgsql;

namespace Grainflow.Storage.Tests;

/// <summary>Looks into tables that no store shows.</summary>
internal static class Queries
{
    public static async Task<long> ScalarAsync(this Database source, string sql, params object[] parameters) =>
        (await source.ListAsync(sql, parameters, row => row.GetInt64(0), TestContext.Current.CancellationToken))[0];

    /// <summary>The same where no store has been made yet.</summary>
    public static Task<long> ScalarAsync(this NpgsqlDataSource source, string sql, params object[] parameters) => new Database(source).ScalarAsync(sql, parameters);
}
