using System.ComponentModel.DataAnnotations;

namespace Grainflow.WebConsole;

/// <summary>Settings of the console.</summary>
public sealed class ConsoleOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Console";

    /// <summary>How many browsers may have the console open at one gateway, 1 to 100,000. Each holds memory for its pages.</summary>
    [Range(1, 100_000)]
    public int MaxCircuits { get; set; } = 200;
}
