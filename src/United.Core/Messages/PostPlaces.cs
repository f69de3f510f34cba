using System.Runtime.InteropServices;

namespace United.Core.Messages;

/// <summary>
/// Where each post of a batch stands among those of its conversation, and among its sender's there, provided that all of them are written.
/// </summary>
internal readonly struct PostPlaces
{
    // Bits of the flags, next to those of PostStatement.Values and its rules.
    private const int Flagged = 1, Late = 2, MayWriteReadOnly = 4, LastOfConversation = 8, LastOfSender = 16;

    public PostPlaces(PostDraft[] drafts)
    {
        (Nth, Own, Flags) = (new int[drafts.Length], new int[drafts.Length], new int[drafts.Length]);
        var conversations = new Dictionary<Guid, Place>(drafts.Length);
        var senders = new Dictionary<(Guid, Guid), Place>(drafts.Length);
        for (var i = 0; i < drafts.Length; i++)
        {
            var draft = drafts[i];
            Flags[i] = (draft.Flagged ? Flagged : 0) | (draft.Late ? Late : 0) | (draft.MayWriteReadOnly ? MayWriteReadOnly : 0);
            Nth[i] = Take(conversations, draft.ConversationId, i, LastOfConversation);
            Own[i] = Take(senders, (draft.ConversationId, draft.SenderId), i, LastOfSender);
        }
    }

    /// <summary>From 1.</summary>
    public int[] Nth { get; }

    /// <summary>How many of the sender's there are up to this one.</summary>
    public int[] Own { get; }

    public int[] Flags { get; }

    private int Take<T>(Dictionary<T, Place> places, T key, int i, int last)
        where T : notnull
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, key, out var known);
        if (known) Flags[place.At] &= ~last;
        Flags[i] |= last;
        place = new Place(i, place.Count + 1);
        return place.Count;
    }

    private readonly record struct Place(int At, int Count);
}
