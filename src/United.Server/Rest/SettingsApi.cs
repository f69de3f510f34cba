using System.Text.Json.Serialization;
using United.Core;
using United.Core.Identity;

namespace United.Server.Rest;

/// <summary>What the people who run the community set.</summary>
internal static class SettingsApi
{
    public static void MapSettings(this IEndpointRouteBuilder routes)
    {
        var server = routes.MapGroup("/api/server").WithTags("Server");
        server.MapGet("/settings", Read).WithSummary("Name, registration mode, limits, word list").Produces<SettingsJson>();
        server.MapPatch("/settings", Change).WithSummary("Change the server's settings").Accepts<SettingsBody>("application/json").Produces<SettingsJson>();
        server.MapPost("/owner", HandOver).WithSummary("Make somebody else the owner").Accepts<OwnerBody>("application/json").Produces(204);
    }

    private static IResult Read(HttpContext context, ServerSettings settings) => context.Caller().May(Permissions.ManageServer)
        ? Answer.Json(SettingsJson.Of(settings.Current))
        : RestFaults.Result(Fault.Forbidden);

    private static async Task<IResult> Change(HttpContext context, ServerSettings settings)
    {
        if (!(await Body.Read<SettingsBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var mode = body.Registration is null ? null : RegistrationModes.Parse(body.Registration);
        if (body.Registration is not null && mode is null) return RestFaults.Result(Refusal.Invalid("registration", "must be open, invite or closed"));
        var limits = body.Limits is { } given ? new ChangeLimits(given.MaxAccounts, given.MessagesPerSecond, given.MessageBurst) : default;
        return Answer.Of(await settings.Change(context.Caller(), new ChangeSettings(body.Name, mode, body.Words, limits), context.RequestAborted), SettingsJson.Of);
    }

    private static async Task<IResult> HandOver(HttpContext context, Members members) =>
        (await Body.Read<OwnerBody>(context)).TryGet(out var body, out var refusal)
            ? Answer.Of(await members.HandOver(context.Caller(), body.UserId, context.RequestAborted))
            : RestFaults.Result(refusal);
}

/// <summary>What is absent stays as it is.</summary>
internal sealed record SettingsBody
{
    public string? Name { get; init; }

    /// <summary><c>open</c>, <c>invite</c> or <c>closed</c>.</summary>
    public string? Registration { get; init; }

    /// <summary>Messages that hold one of them are flagged for moderators.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    public LimitsBody? Limits { get; init; }
}

/// <summary>What is absent stays as it is; 0 goes back to what the server was started with.</summary>
internal sealed record LimitsBody
{
    public int? MaxAccounts { get; init; }
    public int? MessagesPerSecond { get; init; }
    public int? MessageBurst { get; init; }
}

internal sealed record OwnerBody
{
    public required Guid UserId { get; init; }
}

internal sealed record SettingsJson
{
    public required string Name { get; init; }
    public required string Registration { get; init; }

    /// <summary>Null: the list that the server was started with.</summary>
    public required IReadOnlyList<string>? Words { get; init; }

    public required LimitsJson Limits { get; init; }

    public static SettingsJson Of(SettingsValues values) => new()
    {
        Name = values.Name,
        Registration = RegistrationModes.Of(values.Registration),
        Words = values.Words,
        Limits = new LimitsJson { MaxAccounts = values.MaxAccounts, MessagesPerSecond = values.MessagesPerSecond, MessageBurst = values.MessageBurst },
    };
}

/// <summary>Null: what the server was started with.</summary>
internal sealed record LimitsJson
{
    public required int? MaxAccounts { get; init; }
    public required int? MessagesPerSecond { get; init; }
    public required int? MessageBurst { get; init; }
}

[JsonSerializable(typeof(SettingsBody))]
[JsonSerializable(typeof(OwnerBody))]
[JsonSerializable(typeof(SettingsJson))]
internal sealed partial class SettingsApiJson : JsonSerializerContext;
