using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>A stored document that is injected into a grain's constructor by <see cref="PersistentStateAttribute"/> and read before activation.</summary>
/// <typeparam name="TState">The type of the document; it needs a parameterless constructor.</typeparam>
public interface IPersistentState<TState> : IStorage<TState>;
