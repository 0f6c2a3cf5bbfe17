namespace Grainflow.Storage.Hosting;

/// <summary>Another process holds the database. The message names it.</summary>
/// <param name="message">Who holds it, and since when.</param>
public sealed class DataInUseException(string message) : InvalidOperationException(message);
