using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace United.Server.Rest;

/// <summary>
/// What a route takes beside its path and body, as the OpenAPI document tells of it. Routes read it from the request themselves
/// (<see cref="Query"/>), so that each refusal has its words; the framework does not see it.
/// </summary>
internal sealed record RouteParameter(string Name, OpenApiSchema Schema, string Meaning)
{
    public bool Required { get; init; }

    public bool InHeader { get; init; }

    public static RouteParameter Cursor { get; } = Text("cursor", "next of the page before");

    public static RouteParameter Limit(int usual, int most) =>
        new("limit", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Default = usual }, string.Create(CultureInfo.InvariantCulture, $"At most {most}; above it counts as that"));

    public static RouteParameter Text(string name, string meaning) => new(name, new OpenApiSchema { Type = JsonSchemaType.String }, meaning);

    public static RouteParameter Number(string name, string meaning) => new(name, new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" }, meaning);

    public static RouteParameter Id(string name, string meaning) => new(name, new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" }, meaning);

    public static RouteParameter Flag(string name, string meaning) => new(name, new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false }, meaning);

    public static RouteParameter OneOf(string name, string meaning, params string[] words) =>
        new(name, new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. words.Select(word => (JsonNode)word)] }, meaning);

    public static RouteParameter Header(string name, string meaning) => Text(name, meaning) with { InHeader = true };

    public OpenApiParameter ToOpenApi() =>
        new() { Name = Name, In = InHeader ? ParameterLocation.Header : ParameterLocation.Query, Required = Required, Description = Meaning, Schema = Schema };
}

internal static class RouteParameters
{
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, params RouteParameter[] parameters) => route.WithMetadata([.. parameters]);

    /// <summary>The route answers with a page of a list.</summary>
    public static RouteHandlerBuilder TakesPage(this RouteHandlerBuilder route) => route.Takes(RouteParameter.Cursor, RouteParameter.Limit(Page.Usual, Page.Most));
}
