using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Grain storage in a relational database.</summary>
public class AdoNetGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>The default of <see cref="Invariant"/>. This runtime does not serve it: set <c>Npgsql</c>.</summary>
    [SuppressMessage("Naming", "CA1707:Identifiers should not contain underscores", Justification = "Orleans names it so.")]
    public const string DEFAULT_ADONET_INVARIANT = "Microsoft.Data.SqlClient";

    /// <summary>Where the database is. Set this or <see cref="DataSource"/>, not both.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>An opened data source. Set this or <see cref="ConnectionString"/>, not both.</summary>
    public DbDataSource? DataSource { get; set; }

    /// <summary>The kind of database: <c>Npgsql</c>.</summary>
    public string Invariant { get; set; } = DEFAULT_ADONET_INVARIANT;

    /// <summary>Turns documents into stored bytes and back; must be set.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;
}
