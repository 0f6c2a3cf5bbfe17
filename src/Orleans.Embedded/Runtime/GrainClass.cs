using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>What the runtime knows of one grain class.</summary>
internal sealed class GrainClass
{
    private const string Suffix = "grain";

    private readonly ObjectFactory _factory;
    private readonly StateParameter[] _states;

    public GrainClass(Type type, GrainCollectionOptions collection)
    {
        Type = type;
        GrainType = GrainType.Create(NameOf(type));
        Reentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        CollectionAge = CollectionAgeOf(type, collection);
        HearsOfActivation = IsOwn(type, nameof(IGrainBase.OnActivateAsync));
        HearsOfDeactivation = IsOwn(type, nameof(IGrainBase.OnDeactivateAsync));
        Interfaces = [.. type.GetInterfaces().Where(static candidate => IsGrainInterface(candidate))];
        foreach (var method in Interfaces.SelectMany(static candidate => candidate.GetMethods())) GrainMethod.Of(method);

        _states = StatesOf(type);
        _factory = ActivatorUtilities.CreateFactory(type, [.. _states.Select(static state => state.Type)]);
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public bool Reentrant { get; }

    /// <summary>How long an activation may be idle; infinite for those that are kept.</summary>
    public TimeSpan CollectionAge { get; }

    /// <summary>The class does something when an activation comes up; what does nothing needs no limit of time.</summary>
    public bool HearsOfActivation { get; }

    /// <summary>The class does something when an activation ends.</summary>
    public bool HearsOfDeactivation { get; }

    public IReadOnlyList<Type> Interfaces { get; }

    public static bool IsGrainInterface(Type type) =>
        typeof(IAddressable).IsAssignableFrom(type) && type.Assembly != typeof(IAddressable).Assembly;

    /// <summary>Makes an instance and the stored documents that its constructor asks for.</summary>
    public (object Instance, IReadOnlyList<PersistentState> States) Create(Activation activation)
    {
        var states = Array.ConvertAll(_states, state => state.Create(activation));
        return (_factory(activation.ActivationServices, states), states);
    }

    private static string NameOf(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name;
    }

    private static bool IsOwn(Type type, string name)
    {
        var map = type.GetInterfaceMap(typeof(IGrainBase));
        var method = map.TargetMethods[Array.FindIndex(map.InterfaceMethods, candidate => string.Equals(candidate.Name, name, StringComparison.Ordinal))];
        return method.DeclaringType != typeof(Grain) && method.DeclaringType != typeof(IGrainBase);
    }

    private static TimeSpan CollectionAgeOf(Type type, GrainCollectionOptions options)
    {
        if (type.IsDefined(typeof(KeepAliveAttribute), inherit: true)) return Timeout.InfiniteTimeSpan;
        if (options.ClassSpecificCollectionAge.TryGetValue(type.FullName!, out var configured)) return configured;
        if (type.GetCustomAttribute<CollectionAgeLimitAttribute>() is not { } limit) return options.CollectionAge;
        return limit.AlwaysActive ? Timeout.InfiniteTimeSpan : limit.AgeLimit;
    }

    private static StateParameter[] StatesOf(Type type)
    {
        var constructors = type.GetConstructors();
        var constructor = Array.Find(constructors, static candidate => candidate.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
            ?? constructors.MaxBy(static candidate => candidate.GetParameters().Length)
            ?? throw new OrleansConfigurationException($"Grain class {type} has no public constructor.");
        return [.. from parameter in constructor.GetParameters()
                   let attribute = parameter.GetCustomAttribute<PersistentStateAttribute>()
                   where attribute is not null
                   select new StateParameter(type, parameter, attribute)];
    }

    /// <summary>A constructor parameter that holds a stored document.</summary>
    private sealed class StateParameter
    {
        private readonly IPersistentStateConfiguration _configuration;
        private readonly Func<IPersistentStateConfiguration, Activation, PersistentState> _create;

        public StateParameter(Type grainClass, ParameterInfo parameter, PersistentStateAttribute attribute)
        {
            Type = parameter.ParameterType;
            if (!Type.IsGenericType || Type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            {
                throw new OrleansConfigurationException($"Parameter {parameter.Name} of grain class {grainClass} bears [PersistentState], so it must be an IPersistentState<T>.");
            }

            _configuration = attribute;
            _create = typeof(PersistentState).GetMethod(nameof(PersistentState.Create))!
                .MakeGenericMethod(Type.GetGenericArguments())
                .CreateDelegate<Func<IPersistentStateConfiguration, Activation, PersistentState>>();
        }

        public Type Type { get; }

        public PersistentState Create(Activation activation) => _create(_configuration, activation);
    }
}
