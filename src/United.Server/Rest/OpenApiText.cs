using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using United.Server.Hosting;

namespace United.Server.Rest;

/// <summary>What the OpenAPI document says beyond the routes themselves: the token, and how a refusal looks.</summary>
internal static class OpenApiText
{
    private const string Scheme = "bearer";

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
            if (IsOpen(context)) return;
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
        });
    }

    private static bool IsOpen(OpenApiOperationTransformerContext context) =>
        context.Description.ActionDescriptor.EndpointMetadata.OfType<OpenRoute>().Any() || context.Description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) != true;
}
