using System.Text.Json.Serialization;
using United.Core;
using United.Core.Identity;
using United.Core.Media;
using United.Core.Messages;
using United.Server.Hosting;

namespace United.Server.Rest;

/// <summary>What a client has to know before it signs in.</summary>
internal static class ServerApi
{
    public static void MapServer(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/server", GetServer).Open()
            .WithSummary("What this server is, and how to talk to it").WithTags("Server").Produces<ServerInfo>();

    private static async Task<IResult> GetServer(
        HttpContext context, ServerIdentity server, ServerSettings settings, Registration registration, Origins origins, MediaUploads uploads) => Answer.Json(new ServerInfo
        {
            Name = settings.Current.Name,
            Version = Release.Version,
            ServerId = server.ServerId,
            LogEpoch = server.LogEpoch,
            Registration = RegistrationModes.Of(settings.Current.Registration),
            SetupNeeded = await registration.SetupNeeded(context.RequestAborted),
            Limits = new ServerLimits { UploadBytes = uploads.MostBytes },
            Features = ["channels", "conversations", "direct_messages", "media", "presence", "reactions", "receipts", "reports", "search", "sync"],
            Wires = WiresAt(origins.Of(context.Request)),
        });

    private static ServerWires WiresAt(string origin) => new() { Rest = origin + "/api", ProtoSocket = SocketAddress(origin), SocketIo = origin + "/socket.io/" };

    private static string SocketAddress(string origin) => string.Concat("ws", origin.AsSpan("http".Length), "/ws");
}

internal sealed record ServerInfo
{
    public required string Name { get; init; }
    public required string Version { get; init; }

    /// <summary>The server's Ed25519 key, lower-case hex.</summary>
    public required string ServerId { get; init; }

    /// <summary>Another one after a restore: drop what is cached.</summary>
    public required string LogEpoch { get; init; }

    /// <summary><c>open</c>, <c>invite</c> or <c>closed</c>.</summary>
    public required string Registration { get; init; }

    /// <summary>There is no owner yet.</summary>
    public required bool SetupNeeded { get; init; }

    public required ServerLimits Limits { get; init; }
    public required IReadOnlyList<string> Features { get; init; }
    public required ServerWires Wires { get; init; }
}

/// <summary>Bounds that a client keeps by itself; beyond them it is refused.</summary>
internal sealed record ServerLimits
{
    public int MessageCharacters { get; init; } = TextRules.MostContent;
    public int BodyBytes { get; init; } = Body.UsualMaxBytes;
    public required long UploadBytes { get; init; }
    public int HistoryPage { get; init; } = History.MostLimit;
    public int ReactionsPerUser { get; init; } = 20;
    public int ReactionsPerMessage { get; init; } = 50;
    public int Mentions { get; init; } = 20;
}

/// <summary>Where each wire is spoken.</summary>
internal sealed record ServerWires
{
    public required string Rest { get; init; }

    /// <summary>Protobuf over WebSocket.</summary>
    public required string ProtoSocket { get; init; }

    /// <summary>Socket.IO 4.</summary>
    public required string SocketIo { get; init; }
}

[JsonSerializable(typeof(ServerInfo))]
internal sealed partial class ServerJson : JsonSerializerContext;
