using System.Text.Json;
using Grainflow.Engine.Values;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Gateway.Telemetry;
using Grainflow.Grains.Interfaces.Catalogue;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Blocks;

/// <summary>The routes of the contract's section Blocks.</summary>
internal sealed class BlockEndpoints(IGrainFactory grains, BlockList blocks, Readiness readiness)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", "/api/blocks", "getV1List available blocks", "The blocks that graphs are made of", "v1", "blocks") { Answers = [typeof(BlockInfo[])] },
            async _ => ApiResponse.Ok(await blocks.ReadAsync()));
        routes.MapOperation(
            new Operation("POST", "/api/blocks/{block_id}/execute", "postV1Execute graph block", "Runs a block by itself. What it costs is charged once", "v1", "blocks")
            {
                Parameters = [Parameter.PathText("block_id")],
                Body = typeof(IReadOnlyDictionary<string, JsonElement>),
                Answers = [typeof(IReadOnlyDictionary<string, IReadOnlyList<JsonElement>>)],
                Creates = true,
            },
            ExecuteAsync);
    }

    private async Task<ApiResponse> ExecuteAsync(ApiRequest request)
    {
        readiness.Require();
        var result = await grains.GetGrain<IBlockGrain>(request.Path("block_id")).Execute(new ExecuteBlock
        {
            UserId = request.Caller.UserId,
            Input = ApiRequest.Payload(request.Body!.Value),
            TraceParent = RequestTrace.Context,
            OperationId = request.Identity.ResourceId,
        });
        return result.Outcome switch
        {
            ExecuteBlockOutcome.Completed => ApiResponse.Ok((object?)result.Outputs
                .GroupBy(output => output.Pin, StringComparer.Ordinal)
                .ToDictionary(pin => pin.Key, pin => pin.Select(output => JsonElement.Parse(output.Value.Memory.Span, JsonValues.DocumentOptions)), StringComparer.Ordinal)),
            ExecuteBlockOutcome.Unknown => throw ApiException.Detail(404, result.Error!).BeforeAnyChange(),
            ExecuteBlockOutcome.Disabled => throw ApiException.Detail(403, result.Error!).BeforeAnyChange(),
            ExecuteBlockOutcome.Refused => throw ApiException.Error(400, result.Error!).BeforeAnyChange(),
            ExecuteBlockOutcome.Unpaid => throw ApiException.Detail(402, result.Error!).BeforeAnyChange(),
            ExecuteBlockOutcome.Failed => throw ApiException.Error(400, result.Error!),
            _ => throw ApiException.Error(500, result.Error!),
        };
    }
}
