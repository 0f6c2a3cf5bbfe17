using System.Text.Json;

namespace Grainflow.Gateway.Tests.Support;

internal static class Elements
{
    public static string Id(this JsonElement element) => element.GetProperty("id").GetString()!;

    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();
}
