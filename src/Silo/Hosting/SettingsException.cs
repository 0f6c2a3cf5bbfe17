namespace Grainflow.Silo.Hosting;

/// <summary>A setting is missing or wrong; the message names it and the cure.</summary>
internal sealed class SettingsException(string message) : Exception(message);
