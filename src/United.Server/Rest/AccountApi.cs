using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.Net.Http.Headers;
using United.Core;
using United.Core.Conversations;
using United.Core.Identity;
using United.Core.Presence;
using United.Server.Hosting;

namespace United.Server.Rest;

/// <summary>One's own account: profile, password, identity key, key backup, deletion.</summary>
internal static class AccountApi
{
    public static void MapAccount(this IEndpointRouteBuilder routes)
    {
        var me = routes.MapGroup("/api/users/me").WithTags("My account");
        me.MapGet("", Me).WithSummary("My profile and settings").Produces<OwnUserJson>();
        me.MapPatch("", Change).WithSummary("Change my profile and settings").Accepts<ProfileBody>("application/json").Produces<OwnUserJson>();
        me.MapDelete("", Delete).WithSummary("Delete my account; what I wrote stays without my name").Produces(204);
        me.MapPut("/password", ChangePassword).WithSummary("Change my password; my other sessions end").Accepts<PasswordBody>("application/json").Produces(204);
        me.MapPut("/public-key", ChangeKey).WithSummary("Publish or replace my identity key").Accepts<PublicKeyBody>("application/json").Produces<OwnUserJson>();
        me.MapGet("/key-backup", ReadBackup).WithSummary("My encrypted key material; ETag is its version")
            .Takes(RouteParameter.Number("version", "One of the last five; the newest where it is absent")).Produces<byte[]>(contentType: "application/octet-stream");
        me.MapPut("/key-backup", WriteBackup).WithSummary("Replace my encrypted key material; If-Match names the version replaced")
            .Takes(RouteParameter.Header("If-Match", "The version replaced, in quotes; absent for the first one")).Accepts<byte[]>("application/octet-stream").Produces(204);
    }

    private static async Task<IResult> Me(HttpContext context, Accounts accounts, PresenceBoard board) =>
        Answer.Of(await accounts.Me(context.Caller(), context.RequestAborted), user => OwnUserJson.Of(user, board));

    private static async Task<IResult> Change(HttpContext context, Accounts accounts, PresenceBoard board)
    {
        if (!(await Body.Read<ProfileBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!AccessNames.Parse(body.MessagingAccess).TryGet(out var access, out refusal)) return RestFaults.Result(refusal);
        var avatar = body.ChangesAvatar ? new ChangeAvatar(body.AvatarMediaId) : null;
        var change = new ChangeProfile(body.DisplayName, body.Bio, access, body.ReadReceipts, avatar);
        return Answer.Of(await accounts.Change(context.Caller(), change, context.RequestAborted), user => OwnUserJson.Of(user, board));
    }

    private static async Task<IResult> Delete(HttpContext context, Accounts accounts, ConversationDirectory conversations)
    {
        var caller = context.Caller();
        if (!(await accounts.Delete(caller, context.RequestAborted)).TryGet(out _, out var refusal)) return RestFaults.Result(refusal);
        await conversations.LeaveGroups(caller, CancellationToken.None);
        RefreshCookie.Remove(context.Response);
        return Results.NoContent();
    }

    private static async Task<IResult> ChangePassword(HttpContext context, Accounts accounts, Visitors visitors)
    {
        if (!(await Body.Read<PasswordBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        var signed = body.ChallengeId is null && body.Signature is null ? null : context.Caller().PublicKey;
        if (!Proofs.Optional(signed, body.ChallengeId, body.Signature).TryGet(out var key, out refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await accounts.ChangePassword(context.Caller(), new ChangePassword(body.New, body.Current, key), visitors.Of(context), context.RequestAborted));
    }

    private static async Task<IResult> ChangeKey(HttpContext context, Accounts accounts, PresenceBoard board, Visitors visitors)
    {
        if (!(await Body.Read<PublicKeyBody>(context)).TryGet(out var body, out var refusal)) return RestFaults.Result(refusal);
        if (!Proofs.Of(body.PublicKey, body.ChallengeId, body.Signature).TryGet(out var key, out refusal)) return RestFaults.Result(refusal);
        byte[]? old = null;
        if (body.OldSignature is { } hex && !PublicKeys.ParseSignature(hex, "old_signature").TryGet(out old, out refusal)) return RestFaults.Result(refusal);
        return Answer.Of(await accounts.ChangeKey(context.Caller(), new ChangeKey(key, old), visitors.Of(context), context.RequestAborted), user => OwnUserJson.Of(user, board));
    }

    private static async Task<IResult> ReadBackup(HttpContext context, KeyBackups backups)
    {
        if (!Query.Number(context, "version").TryGet(out var version, out var refusal)) return RestFaults.Result(refusal);
        if (!(await backups.Read(context.Caller(), version, context.RequestAborted)).TryGet(out var backup, out refusal)) return RestFaults.Result(refusal);
        return Results.Bytes(backup.Blob, "application/octet-stream", entityTag: Tag(backup.Version));
    }

    private static async Task<IResult> WriteBackup(HttpContext context, KeyBackups backups)
    {
        if (!Replaced(context.Request).TryGet(out var replaces, out var refusal)) return RestFaults.Result(refusal);
        if (!(await Body.ReadBytes(context, KeyBackups.MostBytes)).TryGet(out var blob, out refusal)) return RestFaults.Result(refusal);
        if (!(await backups.Write(context.Caller(), blob, replaces, context.RequestAborted)).TryGet(out var version, out refusal)) return RestFaults.Result(refusal);
        context.Response.Headers.ETag = Tag(version).ToString();
        return Results.NoContent();
    }

    // Without If-Match it may be the first one only: nobody replaces what they have not seen.
    private static Result<long> Replaced(HttpRequest request)
    {
        if (request.Headers.IfMatch.Count == 0) return 0;
        return request.Headers.IfMatch is [{ Length: > 2 } text] && text[0] == '"' && text[^1] == '"'
            && long.TryParse(text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : Refusal.Invalid("If-Match", "must be one version in quotes");
    }

    private static EntityTagHeaderValue Tag(long version) => new($"\"{version.ToString(CultureInfo.InvariantCulture)}\"");
}

internal static class AccessNames
{
    public static string Of(MessagingAccess access) => access switch
    {
        MessagingAccess.Everyone => "everyone",
        MessagingAccess.Nobody => "nobody",
        _ => "requests",
    };

    public static Result<MessagingAccess?> Parse(string? name) => name switch
    {
        null => null as MessagingAccess?,
        "everyone" => MessagingAccess.Everyone,
        "requests" => MessagingAccess.Requests,
        "nobody" => MessagingAccess.Nobody,
        _ => Refusal.Invalid("messaging_access", "must be everyone, requests or nobody"),
    };
}

/// <summary>What is absent stays as it is.</summary>
internal sealed record ProfileBody
{
    public string? DisplayName { get; init; }
    public string? Bio { get; init; }

    /// <summary>Who may start a direct conversation: <c>everyone</c>, <c>requests</c>, <c>nobody</c>.</summary>
    public string? MessagingAccess { get; init; }

    /// <summary>Whether others see what I have read.</summary>
    public bool? ReadReceipts { get; init; }

    /// <summary>An image that I uploaded; null: none any more.</summary>
    public Guid? AvatarMediaId
    {
        get;
        set => (field, ChangesAvatar) = (value, true);
    }

    /// <summary>Whether it was named at all.</summary>
    [JsonIgnore]
    public bool ChangesAvatar { get; private set; }
}

/// <summary>Proved by the current password, or by a signed challenge for my identity key.</summary>
internal sealed record PasswordBody
{
    public string? Current { get; init; }
    public required string New { get; init; }
    public Guid? ChallengeId { get; init; }
    public string? Signature { get; init; }
}

internal sealed record PublicKeyBody
{
    public required string PublicKey { get; init; }
    public required Guid ChallengeId { get; init; }
    public required string Signature { get; init; }

    /// <summary>The old key's signature over the same bytes.</summary>
    public string? OldSignature { get; init; }
}

/// <summary>Oneself, with one's settings.</summary>
internal sealed record OwnUserJson : UserJson
{
    [JsonConstructor]
    public OwnUserJson()
    {
    }

    public required string MessagingAccess { get; init; }
    public required bool ReadReceipts { get; init; }

    /// <summary>False for who signs in by key alone.</summary>
    public required bool HasPassword { get; init; }

    [SetsRequiredMembers]
    private OwnUserJson(User user, PresenceStatus presence) : base(user, presence, user.LastSeenAt) => (MessagingAccess, ReadReceipts, HasPassword) =
        (AccessNames.Of(user.Settings.MessagingAccess), user.Settings.ReadReceipts, user.Settings.HasPassword);

    public static OwnUserJson Of(User user, PresenceBoard board) => new(user, board.StatusOf(user.Id));
}

[JsonSerializable(typeof(byte[]))] // a raw body, as the OpenAPI document describes it
[JsonSerializable(typeof(OwnUserJson))]
[JsonSerializable(typeof(ProfileBody))]
[JsonSerializable(typeof(PasswordBody))]
[JsonSerializable(typeof(PublicKeyBody))]
internal sealed partial class AccountJson : JsonSerializerContext;
