using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

public sealed class PythonTextTests
{
    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(5, "5.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(123456789012345680, "1.2345678901234568e+17")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1.5e-7, "1.5e-07")]
    [InlineData(1e100, "1e+100")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(1234.5678, "1234.5678")]
    [InlineData(100, "100.0")]
    public void Floats_are_written_in_their_shortest_form(double value, string expected) => Assert.Equal(expected, PythonText.Float(value));

    [Fact]
    public void A_float_reads_back_as_itself() => Prop.ForAll<double>(value =>
        double.IsNaN(value) || double.Parse(PythonText.Float(value).Replace("inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture).Equals(value)).QuickCheckThrowOnFailure();

    [Fact]
    public void Values_print_as_Python_prints_them()
    {
        var value = JsonValues.Parse("""{"a": [true, false, null, 1.0, 1, "x", "it's", "\"", "it's \"", "\n\u00e9\u200b\u0000"]}""");

        Assert.Equal("""{'a': [True, False, None, 1.0, 1, 'x', "it's", '"', 'it\'s "', '\né\u200b\x00']}""", PythonText.Repr(value));
        Assert.Equal("x", PythonText.Str(JsonValues.From("x")));
        Assert.Equal("None", PythonText.Str(JsonValues.Null));
    }

    [Fact]
    public void The_spaced_form_escapes_what_is_not_ASCII() =>
        Assert.Equal("""{"k": ["\u00e9\ud83d\ude00", 1000.0, -1]}""", PythonText.Json(JsonValues.Parse("""{"k":["é😀",1e3,-1]}""")));

    [Theory]
    [InlineData(" 1.5 ", true)]
    [InlineData("1_0.5", true)]
    [InlineData(".5", true)]
    [InlineData("5.", true)]
    [InlineData("+1e-3", true)]
    [InlineData("InFiNiTy", true)]
    [InlineData("-nan", true)]
    [InlineData("1__0", false)]
    [InlineData("_1", false)]
    [InlineData("--1", false)]
    [InlineData("1,5", false)]
    [InlineData("0x10", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    public void Reads_floats_as_Python_does(string text, bool expected) => Assert.Equal(expected, PythonNumber.TryParseFloat(text, out _));
}
