using Grainflow.Templates.Rendering;

namespace Grainflow.Templates.Values;

/// <summary>A Python dict: keeps the order in which keys came.</summary>
internal sealed class DictValue : OrderedDictionary<object, object>
{
    public DictValue(RenderState state)
        : base(new KeyComparer(state))
    {
    }

    public DictValue(RenderState state, DictValue source)
        : base(source, new KeyComparer(state))
    {
    }
}
