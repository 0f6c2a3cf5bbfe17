using System.Text.Json;
using Grainflow.Gateway.ApiKeys;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Files;
using Grainflow.Gateway.Hosting;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Telemetry;
using Grainflow.Grains.Interfaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Grainflow.Gateway.Routing;

/// <summary>
/// Maps operations to routes. The checks run in the order of the contract: valid JSON, authentication, shape of the request, then the operation itself
/// (contract: errors.tsv, auth-and-protocol).
/// </summary>
internal static class ApiRoutes
{
    /// <summary>Adds a route.</summary>
    public static void MapOperation(this IEndpointRouteBuilder routes, Operation operation, Func<ApiRequest, Task<ApiResponse>> handle) =>
        routes.MapMethods(operation.Path, [operation.Method], context => operation.Counted is { } name ? CountAsync(context, name, operation, handle) : RunAsync(context, operation, handle)).WithMetadata(operation);

    private static async Task CountAsync(HttpContext context, string name, Operation operation, Func<ApiRequest, Task<ApiResponse>> handle)
    {
        var status = "error";
        try
        {
            await RunAsync(context, operation, handle);
            status = GatewayMetrics.Success;
        }
        catch (Exception exception) when (exception is ApiException { Status: < 500 } or BadHttpRequestException)
        {
            status = "refused";
            throw;
        }
        finally
        {
            context.RequestServices.GetRequiredService<GatewayMetrics>().CountOperation(name, status);
        }
    }

    private static async Task RunAsync(HttpContext context, Operation operation, Func<ApiRequest, Task<ApiResponse>> handle)
    {
        if (!operation.IsPublic) context.RequestServices.GetRequiredService<SiloReach>().Require();
        var body = operation.Body is null ? null : await BodyReader.ReadAsync(context.Request);
        var caller = operation switch
        {
            { IsPublic: true } => null,
            { Permission: { } permission } => await context.RequestServices.GetRequiredService<ApiKeyGate>().RequireAsync(context, permission),
            _ => await CallerGate.RequireAsync(context),
        };
        if (operation.Body is { } type)
        {
            if (body is { } given) BodyCheck.Require(given, operation.OtherBody is { } other && given.ValueKind == JsonValueKind.Object && given.TryGetProperty(other.Member, out _) ? other.Body : type);
            else if (operation.BodyRequired) throw ApiException.Invalid([new ValidationProblem("missing", ["body"], "Field required", GatewayJson.Null)]);
        }

        await using var file = operation.Form is null ? null : await context.RequestServices.GetRequiredService<UploadReader>().ReadAsync(context);
        var request = new ApiRequest(context, caller, body) { File = file };
        await WriteAsync(context, operation.Creates ? await context.RequestServices.GetRequiredService<IdempotentRequests>().HandleAsync(context, operation, request, handle) : await handle(request));
    }

    private static async Task WriteAsync(HttpContext context, ApiResponse answer)
    {
        context.Response.StatusCode = answer.Status;
        if (answer.Status == StatusCodes.Status204NoContent || answer.Body is JsonPayload { Size: 0 }) return;
        if (answer.Body is JsonPayload json)
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(json.Memory, context.RequestAborted);
            return;
        }

        await context.Response.WriteAsJsonAsync(answer.Body, GatewayJson.Options, "application/json", context.RequestAborted);
    }
}
