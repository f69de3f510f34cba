using System.Runtime.InteropServices;

namespace United.Core.Realtime;

/// <summary>Something about a user, for the user's own sessions and whoever may read one of the conversations.</summary>
/// <param name="ConversationIds">Of those that are not open.</param>
public sealed record CircleNews(Event Told, Guid UserId, IEnumerable<Guid> ConversationIds);

/// <summary>What each listener is to hear of several things that are told at once, each of them once. Belongs to the mailbox.</summary>
internal sealed class Bundles
{
    private readonly Dictionary<Listener, List<EncodedEvent>> _bundles = [];

    /// <summary>One thing after the other: who shares several conversations with somebody is noticed by what was added last.</summary>
    public void Add(Listener listener, EncodedEvent told)
    {
        ref var bundle = ref CollectionsMarshal.GetValueRefOrAddDefault(_bundles, listener, out _);
        bundle ??= [];
        if (bundle.Count == 0 || bundle[^1] != told) bundle.Add(told);
    }

    public void Add(List<Reader> readers, EncodedEvent told)
    {
        foreach (var reader in readers) Add(reader.Listener, told);
    }

    public void Push()
    {
        foreach (var (listener, bundle) in _bundles)
            foreach (var told in bundle) listener.Push(told);
    }
}
