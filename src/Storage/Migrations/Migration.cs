using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Grainflow.Storage.Migrations;

/// <summary>One numbered SQL file, embedded as <c>Migrations/0001_name.sql</c>.</summary>
internal sealed record Migration(int Version, string Name, string Sql)
{
    private const string Folder = "Grainflow.Storage.Migrations.";

    /// <summary>A checksum that shows whether an applied file was changed. Line ends do not matter.</summary>
    public string Checksum => ChecksumOf(Sql.ReplaceLineEndings("\n"));

    /// <summary>The files of this program, in order.</summary>
    public static IReadOnlyList<Migration> Embedded()
    {
        var assembly = typeof(Migration).Assembly;
        var migrations = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(name => Read(assembly, name))
            .OrderBy(migration => migration.Version)
            .ToList();
        for (var i = 0; i < migrations.Count; i++)
        {
            if (migrations[i].Version != i + 1)
                throw new MigrationException($"Migrations must be numbered 1, 2, 3 …: number {i + 1} is missing or there twice.");
        }

        return migrations;
    }

    public static string ChecksumOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static Migration Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        var name = resource[Folder.Length..^".sql".Length];
        var version = int.Parse(name.AsSpan(0, name.IndexOf('_', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
        return new Migration(version, name, reader.ReadToEnd());
    }
}
