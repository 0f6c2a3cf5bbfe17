using System.Reflection;

namespace Orleans.Embedded.Tests.Conformance;

/// <summary>Everything that the embedded runtime shows exists in Orleans with the same name, kind and signature.</summary>
public sealed class OrleansApiVectorsTests
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    [Fact]
    public void Every_public_type_and_member_exists_in_Orleans()
    {
        var api = OrleansApi.Read();

        var differences = string.Join('\n', typeof(IGrain).Assembly.GetExportedTypes().SelectMany(type => Differences(type, type.Namespace!, api)));

        Assert.True(differences.Length == 0, differences);
    }

    [Theory]
    [InlineData(typeof(Bad.IGrainFactory), "Orleans", "GetGrain")]
    [InlineData(typeof(Bad.IGrainContext), "Orleans.Runtime", "Deactivate")]
    [InlineData(typeof(Bad.DeactivationReasonCode), "Orleans", "ShuttingDown = 2")]
    [InlineData(typeof(Bad.ClusterOptions), "Orleans.Configuration", "sealed class")]
    [InlineData(typeof(Bad.ReentrantAttribute), "Orleans.Concurrency", "AttributeTargets.Method")]
    [InlineData(typeof(Bad.OrleansException), "Orleans.Runtime", "ArgumentException")]
    [InlineData(typeof(Bad.NotThereAtAll), "Orleans", "no such type")]
    public void A_difference_is_found(Type type, string ns, string expected)
    {
        var api = OrleansApi.Read();

        Assert.Contains(expected, string.Join('\n', Differences(type, ns, api)), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Differences(Type type, string ns, OrleansApi api)
    {
        var name = ApiText.TypeName(type);
        if (api.Find(ns, name) is not { } row)
        {
            yield return $"{ns}.{name}: Orleans has no such type.";
            yield break;
        }

        if (row.Declaration != ApiText.Declaration(type)) yield return $"{ns}.{name}: is '{ApiText.Declaration(type)}', Orleans has '{row.Declaration}'.";
        foreach (var parent in ApiText.Bases(type).Where(parent => !row.Bases.Contains(parent))) yield return $"{ns}.{name}: Orleans does not derive it from {parent}.";
        if (typeof(Attribute).IsAssignableFrom(type) && row.Usage != ApiText.Usage(type)) yield return $"{ns}.{name}: usage is '{ApiText.Usage(type)}', Orleans has '{row.Usage}'.";

        var text = new ApiText();
        foreach (var member in type.GetMembers(Declared))
        {
            if (text.Member(member) is not { } shown || api.Has(ns, name, shown.Kind, shown.Text)) continue;
            yield return $"{ns}.{name}: Orleans has no {shown.Kind} '{shown.Text}'. It has:\n    {string.Join("\n    ", api.Members(ns, name).Order(StringComparer.Ordinal))}";
        }
    }

    /// <summary>Types that are almost, but not quite, those of Orleans.</summary>
    private static class Bad
    {
        public interface IGrainFactory
        {
            T GetGrain<T>(string primaryKey);
        }

        public interface IGrainContext
        {
            void Deactivate(Orleans.DeactivationReason? deactivationReason, CancellationToken cancellationToken = default);
        }

        public enum DeactivationReasonCode
        {
            None = 0,
            ShuttingDown = 2,
        }

        public sealed class ClusterOptions;

        [AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
        public sealed class ReentrantAttribute : Attribute;

        public sealed class OrleansException : ArgumentException;

        public sealed class NotThereAtAll;
    }
}
