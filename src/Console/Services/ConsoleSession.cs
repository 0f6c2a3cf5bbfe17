namespace Grainflow.WebConsole.Services;

/// <summary>Who uses the console.</summary>
public sealed record ConsoleSession
{
    /// <summary>The access token of the user; null without one, which is how everybody comes while authentication is off.</summary>
    public string? Token { get; init; }
}
