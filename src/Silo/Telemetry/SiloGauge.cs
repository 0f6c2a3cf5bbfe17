using System.Diagnostics.Metrics;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Silo.Telemetry;

/// <summary>
/// The gauge of the cluster's silos by status, as this silo sees the membership; nothing in a process without a silo. Silos that disagree for longer than some
/// seconds do not reach each other.
/// </summary>
internal sealed class SiloGauge
{
    /// <summary>Creates the gauge.</summary>
    /// <param name="meters">Makes the meter of this host.</param>
    /// <param name="services">The services of this host, with the membership where it has a silo.</param>
    public SiloGauge(IMeterFactory meters, IServiceProvider services)
    {
        if (services.GetService<IClusterMembershipService>() is not { } membership) return;
        meters.Create(Instrumentation.Name).CreateObservableGauge(
            "autogpt_silos",
            () =>
            {
                var members = membership.CurrentSnapshot.Members.Values;
                return new[]
                {
                    Count(members, "joining", SiloStatus.Created, SiloStatus.Joining),
                    Count(members, "active", SiloStatus.Active, SiloStatus.Active),
                    Count(members, "leaving", SiloStatus.ShuttingDown, SiloStatus.Stopping),
                    Count(members, "dead", SiloStatus.Dead, SiloStatus.Dead),
                };
            },
            description: "Silos of the cluster by status, as this one sees them; those that are dead until their rows are removed.");
    }

    private static Measurement<int> Count(IEnumerable<ClusterMember> members, string status, SiloStatus first, SiloStatus second) =>
        new(members.Count(member => member.Status == first || member.Status == second), new KeyValuePair<string, object?>("status", status));
}
