using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Gateway.Tests.Support;
using Grainflow.Storage;
using Grainflow.Storage.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Grainflow.Gateway.Tests.Edge;

/// <summary>What becomes of an <c>Idempotency-Key</c> whose request was not answered.</summary>
public sealed class AbandonedRequestTests(AbandonedRequestTests.ServerWhoseKeysCannotBeForgotten server)
    : IClassFixture<AbandonedRequestTests.ServerWhoseKeysCannotBeForgotten>
{
    [Fact]
    public async Task A_claim_that_cannot_be_ended_does_not_replace_the_answer()
    {
        var user = server.Anybody();
        var graph = await user.CreateAsync(TestGraph.Echo());

        var refused = await user.SendAsync(
            HttpMethod.Post, $"/api/graphs/{graph.Id()}/execute/99", """{"inputs": {"n": 1}}""",
            request => request.Headers.TryAddWithoutValidation("Idempotency-Key", "a"));

        Assert.Equal(400, refused.Status);
        Assert.Contains("version 99 not found", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_that_does_not_say_that_nothing_was_done_keeps_the_id_of_what_may_be_there()
    {
        var user = Guid.NewGuid().ToString();
        var first = await HandleAsync(user, _ => throw ApiException.Detail(409, "A conflict that was found after something had been created."));
        var second = await HandleAsync(user, request => Task.FromResult(ApiResponse.Ok((object?)request.Identity.ResourceId)));

        Assert.True(second.Repeated);
        Assert.Equal(first.ResourceId, second.ResourceId);
    }

    /// <summary>Handles a request of the user under one key, and returns the identity that its handler saw.</summary>
    private async Task<RequestIdentity> HandleAsync(string user, Func<ApiRequest, Task<ApiResponse>> handle)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Request.Path = "/api/test";
        context.Request.Headers[IdempotentRequests.Header] = "key";
        RequestIdentity? seen = null;
        try
        {
            await server.Services.GetRequiredService<IdempotentRequests>().HandleAsync(context, new Operation("POST", "/", "id", "summary"), new ApiRequest(context, new Caller(user, null, null), null), request =>
            {
                seen = request.Identity;
                return handle(request);
            });
        }
        catch (ApiException exception)
        {
            Assert.Equal(409, exception.Status);
        }

        return seen!;
    }

    public sealed class ServerWhoseKeysCannotBeForgotten : ApiServer
    {
        private protected override void Replace(IServiceCollection services) =>
            services.AddSingleton<IRequestKeyStore>(provider => new KeysThatStay(new RequestKeyStore(provider.GetRequiredService<Database>())));

        private sealed class KeysThatStay(RequestKeyStore keys) : IRequestKeyStore
        {
            public Task<RequestKeyRow> EnsureAsync(RequestKeyRow request, DateTimeOffset oldBefore, CancellationToken cancellationToken) =>
                keys.EnsureAsync(request, oldBefore, cancellationToken);

            public Task AnswerAsync(RequestKeyRow request, int status, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken) =>
                keys.AnswerAsync(request, status, answer, cancellationToken);

            public Task DeleteAsync(RequestKeyRow request, CancellationToken cancellationToken) =>
                throw new NpgsqlException("Exception while reading from stream", new IOException("connection reset by peer"));
        }
    }
}
