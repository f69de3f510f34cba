using United.Core.Identity;
using United.Core.Media;
using United.Core.Messages;
using United.Core.Storage;

namespace United.Core.Conversations;

/// <summary>What groups may be called and shown by, and how large they may get.</summary>
internal static class GroupRules
{
    public const int MostName = 100;
    public const int MostMembers = 5_000;

    /// <summary>At first, besides who makes it: no more rows than a batch of the log has.</summary>
    public const int MostMembersAtOnce = 199;

    internal static readonly Refusal NoGroup = new(Fault.Conflict, Reason: "This is a conversation of two: it has no name, no picture, and nobody comes or goes.");

    internal static readonly Refusal NeedsAnAdmin = new(Fault.Conflict, Reason: "A group needs at least one admin who can act.");

    /// <returns>The group with what was given in its place.</returns>
    internal static Result<Conversation> Changed(Conversation group, ChangeGroup change)
    {
        if (!NameRules.Name(change.Name ?? group.Name, "name", MostName).TryGet(out var name, out var refusal)) return refusal;
        return group with { Name = name, AvatarMediaId = change.Avatar is { } avatar ? avatar.MediaId : group.AvatarMediaId };
    }

    /// <summary>A picture is an image of who puts it up.</summary>
    internal static async Task<Refusal?> NoPicture(Sql sql, Guid? mediaId, Guid userId) =>
        mediaId is { } id && await MediaRows.Hold(sql, userId, [id]) is not [{ Type: MediaType.Image }]
            ? Refusal.Invalid("avatar_media_id", "is not an image of yours")
            : null;
}
