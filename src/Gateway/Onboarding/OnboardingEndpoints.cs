using System.Runtime.InteropServices;
using Grainflow.Engine.Onboarding;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Users;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Onboarding;

/// <summary>The section Onboarding of the contract (semantics 8.4).</summary>
internal sealed class OnboardingEndpoints(IGrainFactory grains, OnboardingReports reports)
{
    /// <summary>The most bytes of the JSON of all answers together; they are one row.</summary>
    private const int MaxAnswerBytes = 64 * 1024;

    private static readonly IReadOnlyList<string> OfClients =
        [.. OnboardingSteps.OfClients, .. OnboardingSteps.OfClients.Where(OnboardingSteps.NewerNames.ContainsKey).Select(step => OnboardingSteps.NewerNames[step])];

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", "/api/onboarding", "getV1Onboarding state", "How far you have got in learning the platform", "v1", "onboarding")
            {
                Answers = [typeof(UserOnboarding)],
                NewerAnswer = typeof(UserOnboarding),
            },
            async request => Answer(request, await Of(request).Get()));
        routes.MapOperation(
            new Operation("PATCH", "/api/onboarding", "patchV1Update onboarding state", "Stores your answers; walletShown stays true, and notified grows", "v1", "onboarding")
            {
                Body = typeof(UserOnboardingUpdate),
                Answers = [typeof(UserOnboarding)],
                NewerAnswer = typeof(UserOnboarding),
            },
            UpdateAsync);
        routes.MapOperation(
            new Operation("POST", "/api/onboarding/step", "postV1Complete onboarding step", "Completes one of the steps that a client sees; the others follow from what you do", "v1", "onboarding")
            {
                Parameters = [new Parameter("step", "query", true, $$"""{"enum": [{{string.Join(", ", OfClients.Select(step => $"\"{step}\""))}}], "type": "string"}""")],
                NullableAnswer = true,
            },
            CompleteAsync);
        routes.MapOperation(
            new Operation("POST", "/api/onboarding/reset", "postV1Reset onboarding progress", "Begins anew; what was rewarded is not rewarded again", "v1", "onboarding")
            {
                Answers = [typeof(UserOnboarding)],
                NewerAnswer = typeof(UserOnboarding),
            },
            ResetAsync);
        routes.MapOperation(
            new Operation("GET", "/api/onboarding/completed", "getV1Check if onboarding is completed", "Whether you have completed the wizard", "v1", "onboarding") { Answers = [typeof(OnboardingCompleted)] },
            async request => ApiResponse.Ok(new OnboardingCompleted { IsCompleted = (await Of(request).Get()).CompletedSteps.Contains(OnboardingSteps.VisitCopilot, StringComparer.Ordinal) }));
        routes.MapOperation(
            new Operation("GET", "/api/onboarding/enabled", "getV1Is onboarding enabled", "Whether the marketplace has two agents to begin with", "v1", "onboarding", "public") { Answers = [typeof(bool)] },
            // There is no marketplace yet, so it has no agents.
            _ => Task.FromResult(ApiResponse.Ok(false)));
        routes.MapOperation(
            new Operation("GET", "/api/onboarding/agents", "getV1Recommended onboarding agents", "The two agents of the marketplace that fit your answers best", "v1", "onboarding") { Answers = [typeof(StoreAgentDetails[])] },
            _ => Task.FromResult(ApiResponse.Ok(Array.Empty<StoreAgentDetails>())));
    }

    private IOnboardingGrain Of(ApiRequest request) => grains.GetGrain<IOnboardingGrain>(request.Caller.UserId);

    private static ApiResponse Answer(ApiRequest request, OnboardingState state) => ApiResponse.Ok(UserOnboarding.Of(request.Caller.UserId, state, request.IsNewerShape));

    private async Task<ApiResponse> UpdateAsync(ApiRequest request)
    {
        _ = request.IsNewerShape;
        var body = request.Body!.Value;
        if (JsonMarshal.GetRawUtf8Value(body).Length > MaxAnswerBytes)
        {
            var largest = body.EnumerateObject().MaxBy(member => JsonMarshal.GetRawUtf8Value(member.Value).Length);
            throw ApiException.Error(400, $"The answers may have {MaxAnswerBytes} bytes together, and {largest.Name} is too large; send a smaller one.").BeforeAnyChange();
        }

        return Answer(request, await Of(request).Answer(request.BodyAs<UserOnboardingUpdate>().ToAnswers()));
    }

    private async Task<ApiResponse> CompleteAsync(ApiRequest request)
    {
        request.RequiredQueryText("step");
        var step = request.QueryChoice("step", OfClients);
        request.Require();
        await Of(request).Complete(OnboardingSteps.ContractName(step!));
        return ApiResponse.Ok((object?)null);
    }

    private async Task<ApiResponse> ResetAsync(ApiRequest request)
    {
        _ = request.IsNewerShape;
        var state = await Of(request).Reset();
        reports.Forget(request.Caller.UserId);
        return Answer(request, state);
    }
}
