using System.Collections.Immutable;
using System.Text.Json;
using Orleans.Concurrency;

// The rules' own tests need types that break them.
#pragma warning disable CA1812, CA1819, CA1040, CA1044, CA1003, IDE0044, IDE0051, CS0169, CA1823, RCS1170, RCS1213, MA0045, CA1822, CA1045, CA1021, RCS1085
namespace Grainflow.Architecture.Tests.OrleansRules;

/// <summary>Messages and grains that break one rule each, and some that break none.</summary>
public static class BadGrains
{
    public enum Colour
    {
        Red,
    }

    [GenerateSerializer, Immutable, Alias("good")]
    public sealed record Good
    {
        [Id(0)]
        public required string Text { get; init; }

        [Id(1)]
        public ImmutableArray<Part> Parts { get; init; } = [];

        [Id(2)]
        public DateTimeOffset? At { get; init; }

        [Id(3)]
        public Colour Colour { get; init; }

        public int Length => Text.Length;
    }

    [GenerateSerializer, Immutable, Alias("part")]
    public sealed record Part([property: Id(0)] string Name, [property: Id(1)] ImmutableDictionary<string, Guid> Ids);

    [GenerateSerializer, Immutable, Alias("value")]
    public readonly record struct Value([property: Id(0)] int Number);

    [Immutable, Alias("no serializer")]
    public sealed record NoSerializer;

    [GenerateSerializer, Alias("not immutable")]
    public sealed record NotImmutable;

    [GenerateSerializer, Immutable]
    public sealed record NoAlias;

    [GenerateSerializer, Immutable, Alias("part")]
    public sealed record SameAlias;

    [GenerateSerializer, Immutable, Alias("not sealed")]
    public record NotSealed;

    [GenerateSerializer, Immutable, Alias("hidden")]
    internal sealed record Hidden;

    [GenerateSerializer, Immutable, Alias("derived")]
    public sealed record Derived : NotSealed;

    [GenerateSerializer, Immutable, Alias("no id")]
    public sealed record NoId
    {
        public string Text { get; init; } = "";
    }

    [GenerateSerializer, Immutable, Alias("implicit id")]
    public sealed record ImplicitId(string Text);

    [GenerateSerializer, Immutable, Alias("same id")]
    public sealed record SameId
    {
        [Id(0)]
        public string Text { get; init; } = "";

        [Id(0)]
        public string Other { get; init; } = "";
    }

    [GenerateSerializer, Immutable, Alias("settable")]
    public sealed record Settable
    {
        [Id(0)]
        public string Text { get; set; } = "";
    }

    [GenerateSerializer, Immutable, Alias("field")]
    public sealed class SettableField
    {
        [Id(0)]
        private int _number;
    }

    [GenerateSerializer, Immutable, Alias("computed")]
    public sealed record Computed
    {
        [Id(0)]
        public int Number => 1;
    }

    [GenerateSerializer, Immutable, Alias("list")]
    public sealed record WithList
    {
        [Id(0)]
        public List<int> Numbers { get; init; } = [];
    }

    [GenerateSerializer, Immutable, Alias("json")]
    public sealed record WithJson
    {
        [Id(0)]
        public JsonElement Json { get; init; }
    }

    [GenerateSerializer, Immutable, Alias("interface")]
    public sealed record WithInterface
    {
        [Id(0)]
        public IReadOnlyList<int> Numbers { get; init; } = [];
    }

    [Alias("good grain")]
    public interface IGoodGrain : IGrainWithStringKey
    {
        [Alias("Run")]
        Task<Good> Run(Good good, Value value, CancellationToken token = default);

        [Alias("Run2")]
        ValueTask<ImmutableArray<Part>> Run(Part? part, int? number);

        [Alias("Nothing")]
        ValueTask Nothing();
    }

    public interface INoAliasGrain : IGrainWithStringKey
    {
        Task Run();
    }

    [Alias("good grain")]
    public interface ISameAliasGrain : IGrainWithStringKey
    {
        [Alias("Run")]
        Task Run();

        [Alias("Run")]
        Task RunAgain();
    }

    [Alias("no key")]
    public interface INoKeyGrain : IGrain;

    [Alias("property")]
    public interface IPropertyGrain : IGrainWithStringKey
    {
        Task<int> Number { get; }
    }

    [Alias("result")]
    public interface IResultGrain : IGrainWithStringKey
    {
        [Alias("Number")]
        int Number();
    }

    [Alias("arguments")]
    public interface IArgumentGrain : IGrainWithStringKey
    {
        [Alias("Generic")]
        Task Generic<T>(T value);

        [Alias("Reference")]
        Task Reference(ref int number);

        [Alias("Tokens")]
        Task Tokens(CancellationToken one, CancellationToken other);

        [Alias("Bytes")]
        Task<byte[]> Bytes(object anything);
    }

    public sealed class Document
    {
        public string Text { get; set; } = "";
    }

    public sealed class NoConstructor(string text)
    {
        public string Text { get; } = text;
    }

    public sealed class GoodGrain([PersistentState("good", "store")] IPersistentState<Document> state) : Grain
    {
        public string Text => state.State.Text;
    }

    public sealed class SameStateGrain([PersistentState("good", "store")] IPersistentState<Document> state) : Grain
    {
        public string Text => state.State.Text;
    }

    public sealed class WrongStateGrain([PersistentState("wrong", "store")] Document state) : Grain
    {
        public string Text => state.Text;
    }

    public sealed class NoConstructorGrain([PersistentState("none", "store")] IPersistentState<NoConstructor> state) : Grain
    {
        public string Text => state.State.Text;
    }

    public sealed class InterleavingGrain : Grain
    {
        [AlwaysInterleave]
        public Task Run() => Task.CompletedTask;
    }

    public static class Elsewhere
    {
        public sealed class GoodGrain : Grain;
    }
}
