using System.ComponentModel.DataAnnotations;

namespace Grainflow.Silo.RunFiles;

/// <summary>The virus scanner of files (contract: semantics sections 9.5 and 10).</summary>
internal sealed class VirusScanOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "VirusScan";

    /// <summary>Whether files are scanned before they are stored. Off by default, unlike in the reference, because it needs a server. Setting <c>CLAMAV_SERVICE_ENABLED</c>.</summary>
    public bool Enabled { get; set; }

    /// <summary>The host of clamd. Setting <c>CLAMAV_SERVICE_HOST</c>.</summary>
    [Required]
    public string Host { get; set; } = "localhost";

    /// <summary>The TCP port of clamd. Setting <c>CLAMAV_SERVICE_PORT</c>.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 3310;

    /// <summary>How many seconds one scan may take. Setting <c>CLAMAV_SERVICE_TIMEOUT</c>.</summary>
    [Range(1, 3600)]
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>How many scans this process has at the same time. Setting <c>CLAMAV_MAX_CONCURRENCY</c>.</summary>
    [Range(1, 1000)]
    public int MaxConcurrency { get; set; } = 10;

    /// <summary>Whether a file that clamd refuses to scan by its size counts as clean; else it counts as infected. Setting <c>CLAMAV_MARK_FAILED_SCANS_AS_CLEAN</c>.</summary>
    public bool MarkFailedScansAsClean { get; set; }
}
