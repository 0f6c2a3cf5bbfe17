using Orleans.Runtime;

namespace Orleans.Embedded.Tests;

public sealed class GrainMethodTests
{
    public interface IBadGrain : IGrainWithStringKey
    {
        int Number { get; }

        string Text();

        IAsyncEnumerable<int> Stream();

        Task Generic<T>(T value);

        Task Reference(ref int number);
    }

    [Theory]
    [InlineData("get_Number")]
    [InlineData("Text")]
    [InlineData("Stream")]
    [InlineData("Generic")]
    [InlineData("Reference")]
    public void A_method_that_cannot_be_a_call_is_refused_by_name(string name)
    {
        var method = typeof(IBadGrain).GetMethod(name)!;

        var exception = Assert.Throws<NotSupportedException>(() => GrainMethod.Of(method));

        Assert.Contains($"IBadGrain.{name} ", exception.Message, StringComparison.Ordinal);
    }
}
