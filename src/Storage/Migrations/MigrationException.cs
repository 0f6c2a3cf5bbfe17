namespace Grainflow.Storage.Migrations;

/// <summary>The database cannot be brought to the schema of this program. The message says why and what to do.</summary>
/// <param name="message">The reason and the cure.</param>
/// <param name="innerException">What the database said, or null.</param>
public sealed class MigrationException(string message, Exception? innerException = null) : InvalidOperationException(message, innerException);
