using System.Collections.Concurrent;
using System.Reflection;

namespace Orleans.Runtime;

/// <summary>A reference to a grain; <see cref="DispatchProxy"/> derives one class per grain interface from it.</summary>
internal class GrainProxy : DispatchProxy
{
    /// <summary>One empty reference of each interface: copying it costs far less than making another.</summary>
    private static readonly ConcurrentDictionary<Type, GrainProxy> s_empty = new();

    private GrainFactory _factory = null!;

    public GrainId GrainId { get; private set; }

    public static object Create(Type interfaceType, GrainFactory factory, GrainId grainId)
    {
        var empty = s_empty.GetOrAdd(interfaceType, static type => (GrainProxy)Create(type, typeof(GrainProxy)));
        var proxy = (GrainProxy)empty.MemberwiseClone();
        proxy._factory = factory;
        proxy.GrainId = grainId;
        return proxy;
    }

    public object Cast(Type interfaceType) => interfaceType.IsInstanceOfType(this) ? this : Create(interfaceType, _factory, GrainId);

    public override bool Equals(object? obj) => obj is GrainProxy other && GrainId.Equals(other.GrainId);

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => $"GrainReference:{GrainId}";

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        GrainMethod.Of(targetMethod!).Send(_factory.Sender, GrainId, args ?? []);
}
