using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Grainflow.Engine.Tests.Graphs;

/// <summary>One case for each exported agent of the contract; one skipped case where the contract is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AgentFileAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) => new(
        ContractFiles.Agents.Count == 0
            ? [new TheoryDataRow<string>("") { Skip = Values.SharedFiles.AbsentReason }]
            : [.. ContractFiles.Agents.Select(name => new TheoryDataRow<string>(name))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
