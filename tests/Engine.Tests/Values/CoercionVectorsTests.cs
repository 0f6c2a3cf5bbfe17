using System.Text.Json;
using Grainflow.Engine.Values;

namespace Grainflow.Engine.Tests.Values;

public sealed class CoercionVectorsTests
{
    private static readonly JsonElement? Vectors = SharedFiles.ReadJson("coercion-vectors.json");

    public static IEnumerable<TheoryDataRow<int>> Cases()
    {
        if (Vectors is not { } vectors) return [new TheoryDataRow<int>(-1) { Skip = SharedFiles.AbsentReason }];
        return vectors.EnumerateArray().Select((vector, index) => new TheoryDataRow<int>(index)
        {
            TestDisplayName = $"Coercion vector {index}: {JsonValues.Compact(vector.GetProperty("value"))} to {vector.GetProperty("type").GetString()}",
        });
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Converts_as_the_contract_says(int index)
    {
        var vector = Vectors!.Value[index];
        var type = PinTypes.Parse(vector.GetProperty("type").GetString()!);

        Assert.True(Coercion.TryConvert(vector.GetProperty("value"), type, out var result, out var error), error);

        AssertSame(vector.GetProperty("expected"), result);
    }

    // Texts show whether a number is a float, so 5 and 5.0 differ here although they are equal.
    private static void AssertSame(JsonElement expected, JsonElement actual) => Assert.Equal(PythonText.Repr(expected), PythonText.Repr(actual));
}
