using United.Core.Media;
using United.Core.Storage;

namespace United.Core.Messages;

/// <summary>What a message brings besides its words: files that its sender uploaded, or a post of a channel that the sender may read.</summary>
internal sealed record Attached(IReadOnlyList<MessageMedia> Media, SharedPost? Post)
{
    private static readonly Attached Nothing = new([], null);

    public static async Task<Result<Attached>> Find(Sql sql, PostDraft draft) => draft.Type switch
    {
        MessageType.Media or MessageType.Voice => await Files(sql, draft),
        MessageType.SharedPost => await SharedPost(sql, draft),
        _ => Nothing,
    };

    private static async Task<Result<Attached>> Files(Sql sql, PostDraft draft)
    {
        var own = (await MediaRows.Hold(sql, draft.SenderId, [.. draft.MediaIds])).ToDictionary(media => media.Id);
        if (own.Count != draft.MediaIds.Count) return Refusal.Invalid("media_ids", "names something that you have not uploaded");
        MessageMedia[] media = [.. draft.MediaIds.Select(id => own[id])];
        if (draft.Type == MessageType.Voice && media[0] is not { Type: MediaType.Voice, Duration: > 0 })
            return Refusal.Invalid("media_ids", "is not a recording with a duration");
        return new Attached(media, null);
    }

    private static async Task<Result<Attached>> SharedPost(Sql sql, PostDraft draft) =>
        (await SharedPosts.Of(sql, draft.SenderId, [draft.SharedPostId!.Value])).TryGetValue(draft.SharedPostId.Value, out var post)
            ? new Attached([], post)
            : Refusal.Invalid("shared_post_id", "no such post in a channel that you may read");
}
