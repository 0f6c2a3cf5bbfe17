namespace Grainflow.Grains.Tests.Support;

/// <summary>Ids in a row, the same in every run of a test.</summary>
internal sealed class TestIds : IIdSource
{
    private int _last;

    public Guid NewId() => new(Interlocked.Increment(ref _last), 0, 0x4000, [0x80, 0, 0, 0, 0, 0, 0, 0]);
}
