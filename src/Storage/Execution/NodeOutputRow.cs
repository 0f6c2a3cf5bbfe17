namespace Grainflow.Storage.Execution;

/// <summary>One value that a node execution yielded. It is stored once, beside its event.</summary>
/// <param name="NodeExecutionId">The node execution that yielded it.</param>
/// <param name="Ordinal">Its place among the outputs of that node execution, from 0.</param>
/// <param name="Pin">The output pin.</param>
/// <param name="Value">The value, UTF-8 JSON; key order and number text are kept.</param>
public sealed record NodeOutputRow(Guid NodeExecutionId, int Ordinal, string Pin, ReadOnlyMemory<byte> Value);
