using Orleans.Configuration;

namespace Grainflow.Silo.Hosting;

/// <summary>
/// How soon the silos of a cluster notice that one of them is dead (docs/operations.md, "A cluster"). A silo that was killed is declared dead after about
/// <c>Probe x MissedProbes</c> = 6 s. One that was killed together with all others is passed over after <c>SignOfLife x MissedSigns</c> = 15 s by those that
/// start next, and at once by its own successor at the same address.
/// </summary>
internal static class ClusterTimes
{
    /// <summary>Silos probe each other at this interval, and a probe may take as long.</summary>
    public static readonly TimeSpan Probe = TimeSpan.FromSeconds(2);

    /// <summary>So many probes in a row must fail.</summary>
    public const int MissedProbes = 3;

    /// <summary>So many silos must find so, or all others where there are fewer.</summary>
    public const int Votes = 2;

    /// <summary>A silo writes into the membership table at this interval that it is alive.</summary>
    public static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    /// <summary>A starting silo does not wait for one that has missed so many signs of life.</summary>
    public const int MissedSigns = 3;

    /// <summary>The membership table is read again at this interval, in case that a notice of a change was lost.</summary>
    public static readonly TimeSpan TableRead = TimeSpan.FromSeconds(10);

    /// <summary>Rows of dead silos are removed after this time.</summary>
    public static readonly TimeSpan DeadRowLifetime = TimeSpan.FromDays(1);

    /// <summary>Sets the options of Orleans.</summary>
    public static void Set(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = Probe;
        options.NumMissedProbesLimit = MissedProbes;
        options.NumVotesForDeathDeclaration = Votes;
        options.IAmAliveTablePublishTimeout = SignOfLife;
        options.NumMissedTableIAmAliveLimit = MissedSigns;
        options.TableRefreshTimeout = TableRead;
        options.DefunctSiloExpiration = DeadRowLifetime;
    }
}
