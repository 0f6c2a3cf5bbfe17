using System.Diagnostics.Metrics;
using Grainflow.Storage.Telemetry;

namespace Grainflow.Grains.Telemetry;

/// <summary>The metrics of credentials. No label contains a user, an id or a provider that a user has named.</summary>
public sealed class CredentialMetrics
{
    private readonly Counter<long> _systemUses;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _refreshes;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">Creates the meter of this host.</param>
    public CredentialMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Instrumentation.Name);
        _systemUses = meter.CreateCounter<long>("autogpt_system_credential_uses_total", description: "Uses of the platform's own credentials, by provider.");
        _refused = meter.CreateCounter<long>("autogpt_credential_accesses_refused_total", description: "Accesses to credentials that were refused, by purpose.");
        _refreshes = meter.CreateCounter<long>("autogpt_credential_refreshes_total", description: "Refreshes of OAuth tokens, by provider and status.");
    }

    internal void SystemUsed(string provider) => _systemUses.Add(1, new KeyValuePair<string, object?>("provider", provider));

    internal void Refused(string purpose) => _refused.Add(1, new KeyValuePair<string, object?>("purpose", purpose));

    internal void Refreshed(string provider, string status) =>
        _refreshes.Add(1, new KeyValuePair<string, object?>("provider", provider), new KeyValuePair<string, object?>("status", status));
}
