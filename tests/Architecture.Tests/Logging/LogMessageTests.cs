using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Grainflow.Architecture.Tests.Logging;

/// <summary>Every line of the log is declared: an id that is its own, a level, and values that keep their names.</summary>
public sealed partial class LogMessageTests
{
    private static readonly string[] Parts = ["Grainflow.Engine", "Grainflow.Blocks", "Grainflow.Storage", "Grainflow.Grains.Interfaces", "Grainflow.Grains", "Grainflow.Gateway", "Grainflow.Silo"];

    private static IReadOnlyList<(MethodInfo Method, LoggerMessageAttribute Message)> Messages =>
    [
        .. Parts.SelectMany(part => Assembly.Load(part).GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (method, method.GetCustomAttribute<LoggerMessageAttribute>()!))
            .Where(pair => pair.Item2 is not null),
    ];

    [Fact]
    public void Nothing_is_logged_but_declared_messages() => Assert.DoesNotContain(
        Parts.SelectMany(CalledMembers.Of), member => member.StartsWith("Microsoft.Extensions.Logging.LoggerExtensions.Log", StringComparison.Ordinal));

    [Fact]
    public void Every_message_has_an_id_of_its_own()
    {
        Assert.NotEmpty(Messages);
        Assert.DoesNotContain(Messages, pair => pair.Message.EventId <= 0);
        Assert.Empty(Messages.GroupBy(pair => pair.Message.EventId).Where(group => group.Count() > 1).Select(group => $"{group.Key}: {string.Join(", ", group.Select(pair => pair.Method.Name))}"));
    }

    [Fact]
    public void Every_value_of_a_message_is_a_parameter_by_name()
    {
        foreach (var (method, message) in Messages)
        {
            var named = Placeholder().Matches(message.Message).Select(match => match.Groups["name"].Value).Order(StringComparer.OrdinalIgnoreCase);
            var given = method.GetParameters()
                .Where(parameter => !typeof(ILogger).IsAssignableFrom(parameter.ParameterType) && !typeof(Exception).IsAssignableFrom(parameter.ParameterType))
                .Select(parameter => parameter.Name!).Order(StringComparer.OrdinalIgnoreCase);
            Assert.Equal(given, named, StringComparer.OrdinalIgnoreCase);
        }
    }

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
