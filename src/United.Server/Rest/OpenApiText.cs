using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using United.Server.Hosting;

namespace United.Server.Rest;

/// <summary>What the OpenAPI document says beyond what the framework sees of the routes: the token, parameters, how a refusal, an id and a file look.</summary>
internal static class OpenApiText
{
    private const string Scheme = "bearer";
    private const string Json = "application/json";
    private const string Form = "multipart/form-data";

    private static OpenApiSchema Bytes => new() { Type = JsonSchemaType.String, Format = "binary" };

    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "United", Version = Release.Version, Description = "Errors are problem documents (RFC 9457) with a stable code. Ids are UUIDs in lower case, times Unix milliseconds." };
            document.Servers = null;
            document.AddComponent(Scheme, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = Scheme, BearerFormat = "JWT", Description = "The access_token of /api/auth." });
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, ct) =>
        {
            if (context.Document is not { } document) return;
            document.AddComponent(nameof(Problem), await context.GetOrCreateSchemaAsync(typeof(Problem), null, ct));
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "A refusal",
                Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), document) } },
            };
            DescribeParameters(operation, [.. context.Description.ActionDescriptor.EndpointMetadata.OfType<RouteParameter>()]);
            if (IsOpen(context)) return;
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            DescribeIds(schema, context);
            return Task.CompletedTask;
        });
    }

    private static void DescribeParameters(OpenApiOperation operation, RouteParameter[] parameters)
    {
        if (parameters.Length > 0) operation.Parameters = [.. operation.Parameters ?? [], .. parameters.Select(parameter => parameter.ToOpenApi())];
        foreach (var (type, body) in operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>())
            if (type != Json) body.Schema = type == Form ? FormOf(parameters) : Bytes;
        foreach (var response in operation.Responses!.Values)
            foreach (var (type, body) in response.Content ?? new Dictionary<string, OpenApiMediaType>())
                if (type == "application/octet-stream") body.Schema = Bytes;
    }

    // What may stand in the query beside a file may stand in a form with it.
    private static OpenApiSchema FormOf(RouteParameter[] parameters) => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "file" },
        Properties = new Dictionary<string, IOpenApiSchema>(
            [KeyValuePair.Create<string, IOpenApiSchema>("file", Bytes), .. parameters.Select(parameter => KeyValuePair.Create<string, IOpenApiSchema>(parameter.Name, parameter.Schema))]),
    };

    // Written by a converter of ours, into which the framework does not look.
    private static void DescribeIds(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = context.JsonTypeInfo.Type;
        if (type == typeof(Guid)) schema.Type = JsonSchemaType.String;
        if (type == typeof(Guid?)) (schema.Type, schema.Format) = (JsonSchemaType.String | JsonSchemaType.Null, "uuid");
        else if (context.JsonTypeInfo.ElementType == typeof(Guid)) schema.Items = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" };
    }

    private static bool IsOpen(OpenApiOperationTransformerContext context) =>
        context.Description.ActionDescriptor.EndpointMetadata.OfType<OpenRoute>().Any() || context.Description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) != true;
}
