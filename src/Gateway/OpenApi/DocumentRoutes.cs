using System.Text.Json;
using Grainflow.Gateway.Json;
using Grainflow.Gateway.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.OpenApi;

/// <summary>The routes <c>/openapi.json</c> and <c>/docs</c>.</summary>
internal static class DocumentRoutes
{
    /// <summary>Adds both routes. Operations that are mapped later are missing in them.</summary>
    public static void MapDocuments(this IEndpointRouteBuilder routes)
    {
        var operations = routes.DataSources.SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<Operation>()).OfType<Operation>().ToList();
        var document = OpenApiDocument.Write(operations);
        var json = JsonSerializer.SerializeToUtf8Bytes(document, GatewayJson.Options);
        var page = DocsPage.Write(operations);
        routes.MapGet("/openapi.json", async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(json, context.RequestAborted);
        });
        routes.MapGet("/docs", async context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync(page, context.RequestAborted);
        });
    }
}
