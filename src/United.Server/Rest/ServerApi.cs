using System.Reflection;
using System.Text.Json.Serialization;

namespace United.Server.Rest;

/// <summary>What a client has to know before it signs in.</summary>
internal static class ServerApi
{
    public static void MapServer(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/server", GetServer).Open()
            .WithSummary("What this server is, and how to talk to it").WithTags("Server").Produces<ServerInfo>();

    private static IResult GetServer() => Answer.Json(new ServerInfo { Version = Version });

    public static string Version { get; } =
        typeof(ServerApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}

internal sealed record ServerInfo
{
    public required string Version { get; init; }
}

[JsonSerializable(typeof(ServerInfo))]
internal sealed partial class ServerJson : JsonSerializerContext;
