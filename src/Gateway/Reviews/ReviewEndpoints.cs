using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces.Execution;
using Grainflow.Storage.Execution;
using Grainflow.Storage.Reviews;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Reviews;

/// <summary>The review inbox (contract: semantics 2.12, section Review).</summary>
internal sealed class ReviewEndpoints(IGrainFactory grains, IReviewStore reviews, IExecutionQueries executions)
{
    private const int MostDataCharacters = 1_000_000;

    private const int MostDataLevels = 10;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", "/api/review/pending", "getV2Get pending reviews", "The reviews that wait for you, newest first", "v2", "executions", "review")
            {
                Parameters =
                [
                    new Parameter("page", "query", false, """{"type": "integer", "minimum": 1, "default": 1}"""),
                    new Parameter("page_size", "query", false, """{"type": "integer", "maximum": 100, "minimum": 1, "default": 25}"""),
                ],
                Answers = [typeof(PendingHumanReviewModel[])],
            },
            PendingAsync);
        routes.MapOperation(
            new Operation("GET", "/api/review/execution/{graph_exec_id}", "getV2Get pending reviews for execution", "All reviews of a run, oldest first", "v2", "executions", "review")
            {
                Parameters = [Parameter.PathText("graph_exec_id")],
                Answers = [typeof(PendingHumanReviewModel[])],
            },
            OfRunAsync);
        routes.MapOperation(
            new Operation("POST", "/api/review/action", "postV2ProcessReviewAction", "Decides reviews of one run, which goes on when it waits for no other one", "v2", "executions", "review")
            {
                Body = typeof(ReviewRequestBody),
                Answers = [typeof(ReviewResponse)],
            },
            DecideAsync);
    }

    private async Task<ApiResponse> PendingAsync(ApiRequest request)
    {
        var page = request.QueryNumber("page", 1, least: 1)!.Value;
        var size = request.QueryNumber("page_size", 25, least: 1, most: 100)!.Value;
        request.Require();
        return ApiResponse.Ok((await reviews.WaitingAsync(request.Caller.UserId, (page - 1L) * size, size, request.Aborted)).Select(PendingHumanReviewModel.Of));
    }

    private async Task<ApiResponse> OfRunAsync(ApiRequest request)
    {
        if (request.PathId("graph_exec_id") is not { } runId || await executions.FindAsync(request.Caller.UserId, runId, request.Aborted) is null)
            throw ApiException.Detail(404, $"Graph execution #{request.Path("graph_exec_id")} not found.");
        return ApiResponse.Ok((await reviews.OfRunAsync(runId, request.Aborted)).Select(PendingHumanReviewModel.Of));
    }

    private async Task<ApiResponse> DecideAsync(ApiRequest request)
    {
        var body = request.BodyAs<ReviewRequestBody>();
        Require(body);
        var ids = body.Reviews.Select(item => ApiRequest.ToId(item.NodeExecId)).ToList();
        var found = (await reviews.FindAsync(request.Caller.UserId, [.. ids.OfType<Guid>()], request.Aborted)).ToDictionary(review => review.NodeExecutionId);
        if (body.Reviews.Zip(ids).FirstOrDefault(item => item.Second is not { } id || !found.ContainsKey(id)).First is { } unknown)
            throw ApiException.Detail(404, $"Review #{unknown.NodeExecId} not found.").BeforeAnyChange();
        var runs = found.Values.Select(review => review.RunId).Distinct().ToList();
        if (runs.Count > 1) throw ApiException.Detail(409, "All reviews must be of one execution; decide those of each execution by a request of its own.").BeforeAnyChange();

        var answer = await grains.GetGrain<IGraphExecutionGrain>(runs[0]).Decide(new DecideReviews
        {
            UserId = request.Caller.UserId,
            Items =
            [
                .. body.Reviews.Zip(ids).Select(item => new ReviewItem
                {
                    NodeExecutionId = item.Second!.Value,
                    IsApproved = item.First.Approved,
                    Message = item.First.Message,
                    Data = item.First.ReviewedData is { } data && !data.IsNull() ? ApiRequest.Payload(data) : null,
                    ApprovesFuture = item.First.AutoApproveFuture,
                }),
            ],
        });
        return answer.Outcome switch
        {
            ReviewOutcome.Done => ApiResponse.Ok(new ReviewResponse
            {
                ApprovedCount = body.Reviews.Count(item => item.Approved),
                RejectedCount = body.Reviews.Count(item => !item.Approved),
                FailedCount = 0,
            }),
            ReviewOutcome.NotFound => throw ApiException.Detail(404, $"Graph execution #{runs[0]} not found.").BeforeAnyChange(),
            ReviewOutcome.NotWaiting => throw ApiException.Detail(409, answer.Problem!).BeforeAnyChange(),
            _ => throw ApiException.Error(400, answer.Problem!).BeforeAnyChange(),
        };
    }

    /// <summary>Checks what the schema of the body does not say (contract: semantics 2.12, Limits).</summary>
    private static void Require(ReviewRequestBody body)
    {
        if (body.Reviews.Count == 0) throw ApiException.Invalid([Problem(["body", "reviews"], "At least one review must be provided", JsonValues.EmptyArray)]);
        var problems = new List<ValidationProblem>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (item, index) in body.Reviews.Select((item, index) => (item, index)))
        {
            if (!seen.Add(item.NodeExecId)) problems.Add(Problem(["body", "reviews"], $"Duplicate review IDs found: {item.NodeExecId}", JsonValues.From(item.NodeExecId)));
            if (item.ReviewedData is not { } data) continue;
            if (JsonValues.CompactSize(data) > MostDataCharacters && JsonValues.Compact(data).Length > MostDataCharacters)
                problems.Add(Problem(["body", "reviews", index, "reviewed_data"], $"reviewed_data must have at most {MostDataCharacters} characters of JSON", JsonValues.Null));
            else if (Levels(data) > MostDataLevels)
                problems.Add(Problem(["body", "reviews", index, "reviewed_data"], $"reviewed_data must have at most {MostDataLevels} levels", JsonValues.Null));
        }

        if (problems.Count > 0) throw ApiException.Invalid(problems);
    }

    private static ValidationProblem Problem(IReadOnlyList<object> place, string message, JsonElement input) => new("value_error", place, "Value error, " + message, input);

    private static int Levels(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => 1 + value.EnumerateArray().Select(Levels).DefaultIfEmpty().Max(),
        JsonValueKind.Object => 1 + value.EnumerateObject().Select(member => Levels(member.Value)).DefaultIfEmpty().Max(),
        _ => 0,
    };
}
