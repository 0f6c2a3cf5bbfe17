using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

public sealed class PinTypesTests
{
    [Fact]
    public void Reads_every_form_of_the_notation()
    {
        Assert.Equal(PinType.Nullable(PinType.String), PinTypes.Parse("string?"));
        Assert.Equal(new PinType.StringType("short-text"), PinTypes.Parse("string:short-text"));
        Assert.Equal(PinType.ArrayOf(PinType.Array), PinTypes.Parse("array<array<any>>"));
        Assert.Equal(PinType.MapOf(PinType.String), PinTypes.Parse("map<string>"));
        Assert.Equal(PinType.Any, PinTypes.Parse("any?"));
        Assert.Equal(["==", "<="], Assert.IsType<PinType.EnumType>(PinTypes.Parse("enum(==|<=)")).Values);
        Assert.Equal([PinType.String, PinType.Integer], Assert.IsType<PinType.UnionType>(PinTypes.Parse("string|integer")).Members);
        var nullable = Assert.IsType<PinType.NullableType>(PinTypes.Parse("(string|array<string>)?"));
        Assert.IsType<PinType.UnionType>(nullable.Inner);
        var members = Assert.IsType<PinType.ModelType>(PinTypes.Parse("object{id,name?}")).Members;
        Assert.Equal([("id", true), ("name", false)], members.Select(m => (m.Name, m.Required)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("array<string")]
    [InlineData("string]")]
    [InlineData("enum(a")]
    public void Refuses_what_is_not_a_type(string text) => Assert.Throws<FormatException>(() => PinTypes.Parse(text));
}
