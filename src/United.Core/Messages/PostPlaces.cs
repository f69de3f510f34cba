using System.Runtime.InteropServices;

namespace United.Core.Messages;

/// <summary>
/// Where each post of a batch stands among those of its conversation, and among its sender's there, provided that all of them are written.
/// </summary>
internal readonly struct PostPlaces
{
    // Bits of the flags, next to those of PostDraft.
    private const int LastOfConversation = 8, LastOfSender = 16;

    public PostPlaces((Guid ConversationId, Guid SenderId)[] posts)
    {
        (Nth, Own, Flags) = (new int[posts.Length], new int[posts.Length], new int[posts.Length]);
        var conversations = new Dictionary<Guid, Place>(posts.Length);
        var senders = new Dictionary<(Guid, Guid), Place>(posts.Length);
        for (var i = 0; i < posts.Length; i++)
        {
            Nth[i] = Take(conversations, posts[i].ConversationId, i, LastOfConversation);
            Own[i] = Take(senders, posts[i], i, LastOfSender);
        }
    }

    /// <summary>From 1.</summary>
    public int[] Nth { get; }

    /// <summary>How many of the sender's there are up to this one.</summary>
    public int[] Own { get; }

    /// <summary>8: the last of its conversation; 16: the last of its sender there.</summary>
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
