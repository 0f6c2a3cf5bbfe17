using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Execution;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Grainflow.Grains.Tests.Orleans;

/// <summary>
/// Messages of a silo of another version. A member that the sender did not have keeps the default that the property has in the source, because Orleans makes a message by
/// its constructor; one that is required in the source has none, and would be null.
/// </summary>
public sealed class MessageDefaultTests
{
    public static TheoryData<string> Messages => [.. SampleMessages.Types.Where(type => type.IsClass).Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_member_that_the_sender_did_not_have_is_never_null_where_a_value_is_expected(string name)
    {
        var type = typeof(JsonPayload).Assembly.GetType(name)!;
        var message = Read(type, OlderThanAll());
        foreach (var property in type.GetProperties().Where(property => property.IsDefined(typeof(IdAttribute)) && !property.IsDefined(typeof(RequiredMemberAttribute))))
        {
            var value = property.GetValue(message);
            if (value is null) Assert.True(new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable || property.PropertyType.IsValueType, $"{name}.{property.Name} is null.");
            // The default of an immutable array throws when it is read.
            else if (value is IEnumerable items and not string) Assert.True(items.Cast<object>().ToList() is [], $"{name}.{property.Name} is not empty.");
        }
    }

    [Fact]
    public void What_an_older_silo_did_not_send_has_its_default()
    {
        var work = (NodeWork)Read(typeof(NodeWork), OlderThanAll());
        Assert.Equal(("UTC", 0, false, null), (work.UserTimeZone, work.Epoch, work.Repeated, work.TraceParent));
        var start = (StartRun)Read(typeof(StartRun), OlderThanAll());
        Assert.Equal("{}", JsonSerializer.Serialize(JsonElement.Parse(start.Masks.Memory.Span)));
        Assert.Equal(0, ((JsonPayload)Read(typeof(JsonPayload), OlderThanAll())).Size);
    }

    [Fact]
    public void What_is_sent_arrives_also_where_it_has_a_default()
    {
        var sent = new StartRun { UserId = "u", GraphId = Guid.Empty, Inputs = JsonPayload.EmptyObject, Masks = JsonPayload.Wrap("""{"a":1}"""u8.ToArray()) };
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var received = serializer.Deserialize<StartRun>(serializer.SerializeToArray(sent));
        Assert.Equal("""{"a":1}"""u8.ToArray(), received!.Masks.Memory.ToArray());
    }

    [Fact]
    public void A_member_that_a_newer_silo_sends_is_passed_over()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var sent = serializer.SerializeToArray(new NewerAnswer { Verdict = NodeReportVerdict.Stale, Reason = "r", Later = "x", LaterStill = [1, 2] });
        var answer = serializer.Deserialize<NodeReportAnswer>(sent);
        Assert.Equal((NodeReportVerdict.Stale, "r"), (answer!.Verdict, answer.Reason));
    }

    /// <summary>A message without any member, as a version would send it that had none of them.</summary>
    private static byte[] OlderThanAll()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        return services.GetRequiredService<Serializer>().SerializeToArray(new OlderMessage());
    }

    private static object Read(Type type, byte[] bytes)
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService(typeof(Serializer<>).MakeGenericType(type));
        return serializer.GetType().GetMethod(nameof(Serializer<object>.Deserialize), [typeof(byte[])])!.Invoke(serializer, [bytes])!;
    }
}

/// <summary>A message of a version in which it had no members.</summary>
[GenerateSerializer, Alias("grainflow.tests.OlderMessage")]
internal sealed record OlderMessage;

/// <summary><see cref="NodeReportAnswer"/> in a version that has more.</summary>
[GenerateSerializer, Alias("grainflow.tests.NewerAnswer")]
internal sealed record NewerAnswer
{
    [Id(0)]
    public NodeReportVerdict Verdict { get; init; }

    [Id(2)]
    public string? Reason { get; init; }

    [Id(3)]
    public string? Later { get; init; }

    [Id(4)]
    public int[]? LaterStill { get; init; }
}
