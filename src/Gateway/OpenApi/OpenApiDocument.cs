using System.Text.Json.Nodes;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;

namespace Grainflow.Gateway.OpenApi;

/// <summary>Writes the OpenAPI 3.1 document of the mapped operations.</summary>
internal static class OpenApiDocument
{
    private static readonly Parameter Shape = new(ApiRequest.ShapeHeader, "header", false, $$"""{"type": "string", "enum": ["{{ApiRequest.ContractShape}}", "{{ApiRequest.NewerShape}}"], "default": "{{ApiRequest.ContractShape}}"}""");

    public static JsonObject Write(IEnumerable<Operation> operations)
    {
        var schemas = new SchemaWriter();
        var paths = new JsonObject();
        foreach (var operation in operations)
        {
            if (paths[operation.Path] is not JsonObject path) paths[operation.Path] = path = [];
            path[operation.Method.ToLowerInvariant()] = Write(operation, schemas);
        }

        foreach (var error in new[] { typeof(DetailBody), typeof(HintBody), typeof(ErrorBody), typeof(ValidationBody), typeof(ExternalValidationBody), typeof(GraphValidationBody) }) schemas.Of(error);
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "Grainflow", ["version"] = "0.6.44", ["description"] = "Runs graphs of blocks, durably." },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(schemas.Components),
                ["responses"] = new JsonObject
                {
                    ["HTTP401NotAuthenticatedError"] = Answer("Who asks is not known", Reference("HTTPExceptionBody")),
                },
                ["securitySchemes"] = new JsonObject
                {
                    ["HTTPBearerJWT"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "jwt" },
                    ["APIKeyHeader"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = ApiKeys.ApiKeyGate.Header },
                    ["OAuthAccessToken"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                },
            },
        };
    }

    private static JsonObject Write(Operation operation, SchemaWriter schemas)
    {
        var written = new JsonObject
        {
            ["tags"] = new JsonArray([.. operation.Tags.Select(tag => (JsonNode?)tag)]),
            ["summary"] = operation.Summary,
            ["operationId"] = operation.Id,
        };
        Parameter[] parameters = operation.NewerAnswer is null ? [.. operation.Parameters] : [.. operation.Parameters, Shape];
        if (parameters.Length > 0)
        {
            written["parameters"] = new JsonArray([.. parameters.Select(parameter => new JsonObject
            {
                ["name"] = parameter.Name,
                ["in"] = parameter.In,
                ["required"] = parameter.Required,
                ["schema"] = JsonNode.Parse(parameter.Schema),
            })]);
        }

        if (operation.Body is { } body)
        {
            var schema = operation.OtherBody is { } other ? new JsonObject { ["anyOf"] = new JsonArray(schemas.Of(body), schemas.Of(other.Body)) } : schemas.Of(body);
            written["requestBody"] = new JsonObject { ["required"] = operation.BodyRequired, ["content"] = Content(schema) };
        }

        if (operation.Form is { } form) written["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { ["multipart/form-data"] = new JsonObject { ["schema"] = schemas.Of(form) } } };
        written["responses"] = Responses(operation, schemas);
        written["security"] = operation.IsPublic ? []
            : operation.Permission is not null ? new JsonArray(new JsonObject { ["APIKeyHeader"] = new JsonArray() }, new JsonObject { ["OAuthAccessToken"] = new JsonArray() })
            : new JsonArray(new JsonObject { ["HTTPBearerJWT"] = new JsonArray() });
        if (operation.Deprecated) written["deprecated"] = true;
        return written;
    }

    private static JsonObject Responses(Operation operation, SchemaWriter schemas)
    {
        var options = operation.Answers.Select(answer => schemas.Of(answer)).ToList();
        if (operation.NullableAnswer) options.Add(new JsonObject { ["type"] = "null" });
        var responses = new JsonObject
        {
            [operation.Status.ToString()] = options.Count == 0
                ? new JsonObject { ["description"] = "Done" }
                : Answer("Done", options.Count == 1 ? options[0] : new JsonObject { ["anyOf"] = new JsonArray([.. options]) }),
        };
        // OpenAPI knows no answers by header.
        if (operation.NewerAnswer is { } newer) responses[operation.Status.ToString()]!["x-answer-of-shape-" + ApiRequest.NewerShape] = schemas.Of(newer);
        if (!operation.IsPublic) responses["401"] = new JsonObject { ["$ref"] = "#/components/responses/HTTP401NotAuthenticatedError" };
        if (operation.Parameters.Count > 0 || operation.Body is not null || operation.Form is not null)
            responses["422"] = Answer("The request does not match this document", Reference(operation.Permission is null ? "RequestValidationErrorBody" : "HTTPValidationError"));
        return responses;
    }

    private static JsonObject Answer(string description, JsonObject schema) => new() { ["description"] = description, ["content"] = Content(schema) };

    private static JsonObject Content(JsonObject schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };
}
