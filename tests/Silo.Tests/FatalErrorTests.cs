using Grainflow.Silo.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainflow.Silo.Tests;

public sealed class FatalErrorTests
{
    [Fact]
    public async Task The_first_fatal_error_stops_the_host_and_is_what_the_operator_is_told()
    {
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        var errors = new FatalErrors(lifetime);
        var stopping = new TaskCompletionSource();
        await using var registration = errors.Stopping.Register(stopping.SetResult);
        Assert.Null(errors.First);

        errors.Report("The writer of the execution log", new InvalidOperationException("the first reason"));
        errors.Report("Something else", new InvalidOperationException("the second reason"));
        await stopping.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal("The writer of the execution log has failed (the first reason), so this process ends. Unfinished runs go on at the next start.", errors.First);
    }
}
